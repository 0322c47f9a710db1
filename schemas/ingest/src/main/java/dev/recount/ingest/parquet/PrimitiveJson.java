package dev.recount.ingest.parquet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.recount.ingest.value.RowJson;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DateLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.Float16LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.JsonLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.UUIDLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;

/**
 * Values of Parquet as JSON: dates and times as ISO-8601, in UTC or, if the file says that they are
 * local, without a zone; decimals exact; bytes as {@link RowJson} has them.
 */
final class PrimitiveJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** The Julian day number of 1970-01-01, by which an INT96 counts. */
  private static final int EPOCH_JULIAN_DAY = 2_440_588;

  private PrimitiveJson() {}

  static JsonNode json(Group group, int field, int at) {
    PrimitiveType type = group.getType().getType(field).asPrimitiveType();
    return switch (type.getPrimitiveTypeName()) {
      case BOOLEAN -> JSON.booleanNode(group.getBoolean(field, at));
      case INT32 -> whole(group.getInteger(field, at), type);
      case INT64 -> whole(group.getLong(field, at), type);
      case INT96 -> JSON.textNode(int96(group.getInt96(field, at)).toString());
      case FLOAT -> JSON.numberNode(group.getFloat(field, at));
      case DOUBLE -> JSON.numberNode(group.getDouble(field, at));
      case BINARY, FIXED_LEN_BYTE_ARRAY -> bytes(group.getBinary(field, at), type);
    };
  }

  private static JsonNode whole(long value, PrimitiveType type) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    if (annotation instanceof TimestampLogicalTypeAnnotation timestamp) {
      Instant instant = Instant.EPOCH.plus(value, unit(timestamp.getUnit()));
      return JSON.textNode(
          timestamp.isAdjustedToUTC()
              ? instant.toString()
              : LocalDateTime.ofInstant(instant, ZoneOffset.UTC).toString());
    }
    if (annotation instanceof DateLogicalTypeAnnotation) {
      return JSON.textNode(LocalDate.ofEpochDay(value).toString());
    }
    if (annotation instanceof TimeLogicalTypeAnnotation time) {
      return RowJson.timeOfDay(value, unit(time.getUnit()));
    }
    if (annotation instanceof DecimalLogicalTypeAnnotation decimal) {
      return JSON.numberNode(BigDecimal.valueOf(value, decimal.getScale()));
    }
    if (annotation instanceof IntLogicalTypeAnnotation number && !number.isSigned()) {
      return number.getBitWidth() == 64
          ? JSON.numberNode(new BigInteger(Long.toUnsignedString(value)))
          : JSON.numberNode(Integer.toUnsignedLong((int) value));
    }
    return JSON.numberNode(value);
  }

  private static ChronoUnit unit(TimeUnit unit) {
    return switch (unit) {
      case MILLIS -> ChronoUnit.MILLIS;
      case MICROS -> ChronoUnit.MICROS;
      case NANOS -> ChronoUnit.NANOS;
    };
  }

  /** What Hive, Impala and Spark wrote timestamps as: nanoseconds of a day, and the day. */
  private static Instant int96(Binary value) {
    ByteBuffer bytes = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long nanosOfDay = bytes.getLong();
    long day = bytes.getInt() - (long) EPOCH_JULIAN_DAY;
    return Instant.EPOCH.plus(day, ChronoUnit.DAYS).plusNanos(nanosOfDay);
  }

  private static JsonNode bytes(Binary value, PrimitiveType type) {
    LogicalTypeAnnotation annotation = type.getLogicalTypeAnnotation();
    if (annotation instanceof StringLogicalTypeAnnotation
        || annotation instanceof EnumLogicalTypeAnnotation
        || annotation instanceof JsonLogicalTypeAnnotation) {
      return RowJson.text(value.getBytes());
    }
    if (annotation instanceof DecimalLogicalTypeAnnotation decimal && value.length() > 0) {
      return JSON.numberNode(new BigDecimal(new BigInteger(value.getBytes()), decimal.getScale()));
    }
    if (annotation instanceof UUIDLogicalTypeAnnotation) {
      return JSON.textNode(type.stringifier().stringify(value));
    }
    if (annotation instanceof Float16LogicalTypeAnnotation) {
      return JSON.numberNode(Float.parseFloat(type.stringifier().stringify(value)));
    }
    return RowJson.bytes(value.getBytes());
  }
}
