package dev.recount.ingest.avro;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.ingest.value.RowJson;
import dev.recount.text.Utf8Text;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.util.Utf8;

/** Values of Avro as JSON: times as ISO-8601, decimals exact, bytes as {@link RowJson} has them. */
public final class AvroJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** What times are counted in, by how the names of their types end. */
  private static final Map<String, ChronoUnit> UNITS =
      Map.of("millis", ChronoUnit.MILLIS, "micros", ChronoUnit.MICROS, "nanos", ChronoUnit.NANOS);

  private static final int UUID_BYTES = 16;

  private AvroJson() {}

  /** A value of Avro's generic model as the door takes it. */
  public static JsonNode json(Object value, Schema schema) {
    if (value == null) {
      return JSON.nullNode();
    }
    return switch (schema.getType()) {
      case UNION ->
          json(value, schema.getTypes().get(GenericData.get().resolveUnion(schema, value)));
      case RECORD -> {
        ObjectNode record = JSON.objectNode();
        schema
            .getFields()
            .forEach(
                f -> record.set(f.name(), json(((IndexedRecord) value).get(f.pos()), f.schema())));
        yield RowJson.object(record);
      }
      case MAP -> {
        ObjectNode map = JSON.objectNode();
        ((Map<?, ?>) value)
            .forEach((key, of) -> map.set(text(key), json(of, schema.getValueType())));
        yield RowJson.object(map);
      }
      case ARRAY -> {
        ArrayNode array = JSON.arrayNode();
        ((Collection<?>) value).forEach(of -> array.add(json(of, schema.getElementType())));
        yield array;
      }
      case BYTES -> bytes((ByteBuffer) value, schema);
      case FIXED -> bytes(ByteBuffer.wrap(((GenericFixed) value).bytes()), schema);
      case INT, LONG -> whole(((Number) value).longValue(), schema.getLogicalType());
      case FLOAT -> JSON.numberNode((Float) value);
      case DOUBLE -> JSON.numberNode((Double) value);
      case BOOLEAN -> JSON.booleanNode((Boolean) value);
      default -> JSON.textNode(text(value));
    };
  }

  private static String text(Object value) {
    return value instanceof Utf8 utf8
        ? Utf8Text.read(Arrays.copyOf(utf8.getBytes(), utf8.getByteLength()))
        : value.toString();
  }

  private static JsonNode bytes(ByteBuffer value, Schema schema) {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal && bytes.length > 0) {
      return JSON.numberNode(new BigDecimal(new BigInteger(bytes), decimal.getScale()));
    }
    if (schema.getLogicalType() instanceof LogicalTypes.Uuid && bytes.length == UUID_BYTES) {
      return JSON.textNode(
          new UUID(value.getLong(value.position()), value.getLong(value.position() + 8))
              .toString());
    }
    return RowJson.bytes(bytes);
  }

  private static JsonNode whole(long value, LogicalType type) {
    if (type instanceof LogicalTypes.Date) {
      return JSON.textNode(LocalDate.ofEpochDay(value).toString());
    }
    ChronoUnit unit = type == null ? null : UNITS.get(type.getName().replaceFirst(".*-", ""));
    if (unit == null) {
      return JSON.numberNode(value);
    }
    if (type.getName().startsWith("time-")) {
      return RowJson.timeOfDay(value, unit);
    }
    Instant instant = Instant.EPOCH.plus(value, unit);
    return JSON.textNode(
        type.getName().startsWith("timestamp-")
            ? instant.toString()
            : LocalDateTime.ofInstant(instant, ZoneOffset.UTC).toString());
  }
}
