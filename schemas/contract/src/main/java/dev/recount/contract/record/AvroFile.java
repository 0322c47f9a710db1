package dev.recount.contract.record;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;

/** Avro's object container files. */
public final class AvroFile implements RowFile {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** What times are counted in, by how the names of their types end. */
  private static final Map<String, ChronoUnit> UNITS =
      Map.of("millis", ChronoUnit.MILLIS, "micros", ChronoUnit.MICROS, "nanos", ChronoUnit.NANOS);

  private static final Conversions.DecimalConversion DECIMAL = new Conversions.DecimalConversion();

  @Override
  public String name() {
    return "avro";
  }

  @Override
  public Rows open(Path file) {
    try {
      DataFileReader<IndexedRecord> reader =
          new DataFileReader<>(file.toFile(), new GenericDatumReader<>());
      Schema schema = reader.getSchema();
      if (schema.getType() != Schema.Type.RECORD) {
        close(reader);
        throw new IOException("it holds no records but " + schema.getType().getName());
      }
      return new Rows(
          schema.getFields().stream().map(Schema.Field::name).toList(),
          StreamSupport.stream(reader.spliterator(), false)
              .map(row -> json(row, schema).toString())
              .onClose(() -> close(reader)));
    } catch (IOException | RuntimeException | LinkageError e) {
      String reason = e instanceof IOException ? e.getMessage() : e.toString();
      throw new RecountException(
          ErrorCode.FILE_NOT_READABLE, "Cannot read '" + file + "' as an Avro file: " + reason, e);
    }
  }

  private static void close(DataFileReader<?> reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A value of Avro's generic model as the door takes it. */
  static JsonNode json(Object value, Schema schema) {
    if (value == null) {
      return JSON.nullNode();
    }
    switch (schema.getType()) {
      case UNION:
        return json(value, schema.getTypes().get(GenericData.get().resolveUnion(schema, value)));
      case RECORD:
        ObjectNode record = JSON.objectNode();
        schema
            .getFields()
            .forEach(
                f -> record.set(f.name(), json(((IndexedRecord) value).get(f.pos()), f.schema())));
        return record;
      case MAP:
        ObjectNode map = JSON.objectNode();
        ((Map<?, ?>) value)
            .forEach((key, of) -> map.set(key.toString(), json(of, schema.getValueType())));
        return map;
      case ARRAY:
        ArrayNode array = JSON.arrayNode();
        ((Collection<?>) value).forEach(of -> array.add(json(of, schema.getElementType())));
        return array;
      case BYTES:
        return bytes((ByteBuffer) value, schema);
      case FIXED:
        return bytes(ByteBuffer.wrap(((GenericFixed) value).bytes()), schema);
      case INT:
      case LONG:
        return whole(((Number) value).longValue(), schema.getLogicalType());
      case FLOAT:
        return JSON.numberNode((Float) value);
      case DOUBLE:
        return JSON.numberNode((Double) value);
      case BOOLEAN:
        return JSON.booleanNode((Boolean) value);
      default:
        return JSON.textNode(value.toString());
    }
  }

  private static JsonNode bytes(ByteBuffer value, Schema schema) {
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      return JSON.numberNode(DECIMAL.fromBytes(value, schema, decimal));
    }
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    return JSON.binaryNode(bytes);
  }

  private static JsonNode whole(long value, LogicalType type) {
    if (type instanceof LogicalTypes.Date) {
      return JSON.textNode(LocalDate.ofEpochDay(value).toString());
    }
    ChronoUnit unit = type == null ? null : UNITS.get(type.getName().replaceFirst(".*-", ""));
    if (unit == null) {
      return JSON.numberNode(value);
    }
    Instant instant = Instant.EPOCH.plus(value, unit);
    if (type.getName().startsWith("timestamp-")) {
      return JSON.textNode(instant.toString());
    }
    LocalDateTime local = LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
    return JSON.textNode(
        type.getName().startsWith("time-") ? local.toLocalTime().toString() : local.toString());
  }
}
