package dev.recount.planner.row;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.ColumnTypes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** What an Avro type is in Spark: its type, and how a decoded value becomes Spark's. */
record AvroColumn(DataType type, boolean nullable, UnaryOperator<Object> conversion) {
  private static final int MOST_DIGITS = 38;

  private AvroColumn(DataType type, UnaryOperator<Object> conversion) {
    this(type, false, conversion);
  }

  Object toSpark(Object value) {
    return value == null ? null : conversion.apply(value);
  }

  static StructType rowType(Schema record, String path) {
    StructType type = new StructType();
    Map<String, String> names = new HashMap<>();
    for (Schema.Field field : record.getFields()) {
      String same = names.put(field.name().toLowerCase(Locale.ROOT), field.name());
      if (same != null) {
        throw invalid(
            path + "." + field.name(),
            "SQL cannot tell it from '" + same + "'; names must differ in more than case");
      }
      AvroColumn column = of(field.schema(), path + "." + field.name());
      type = type.add(field.name(), column.type, column.nullable);
    }
    return type;
  }

  static AvroColumn of(Schema schema) {
    return of(schema, schema.getName());
  }

  private static AvroColumn of(Schema schema, String path) {
    LogicalType logical = schema.getLogicalType();
    return ColumnTypes.isColumn(logical) ? logical(logical, schema, path) : plain(schema, path);
  }

  private static AvroColumn logical(LogicalType logical, Schema schema, String path) {
    if (logical instanceof LogicalTypes.TimestampMillis) {
      return new AvroColumn(DataTypes.TimestampType, v -> Instant.ofEpochMilli((Long) v));
    }
    if (logical instanceof LogicalTypes.TimestampMicros) {
      return new AvroColumn(DataTypes.TimestampType, v -> ofMicros((Long) v));
    }
    if (logical instanceof LogicalTypes.LocalTimestampMillis) {
      return new AvroColumn(DataTypes.TimestampNTZType, v -> local(Instant.ofEpochMilli((Long) v)));
    }
    if (logical instanceof LogicalTypes.LocalTimestampMicros) {
      return new AvroColumn(DataTypes.TimestampNTZType, v -> local(ofMicros((Long) v)));
    }
    if (logical instanceof LogicalTypes.Date) {
      return new AvroColumn(DataTypes.DateType, v -> LocalDate.ofEpochDay((Integer) v));
    }
    return decimal((LogicalTypes.Decimal) logical, schema, path);
  }

  private static AvroColumn decimal(LogicalTypes.Decimal decimal, Schema schema, String path) {
    if (decimal.getPrecision() > MOST_DIGITS) {
      throw invalid(path, "a decimal has at most 38 digits, this one " + decimal.getPrecision());
    }
    UnaryOperator<Object> bytes = plain(schema, path).conversion;
    return new AvroColumn(
        DataTypes.createDecimalType(decimal.getPrecision(), decimal.getScale()),
        v -> new BigDecimal(new BigInteger((byte[]) bytes.apply(v)), decimal.getScale()));
  }

  private static AvroColumn plain(Schema schema, String path) {
    return switch (schema.getType()) {
      case BOOLEAN -> new AvroColumn(DataTypes.BooleanType, v -> v);
      case INT -> new AvroColumn(DataTypes.IntegerType, v -> v);
      case LONG -> new AvroColumn(DataTypes.LongType, v -> v);
      case FLOAT -> new AvroColumn(DataTypes.FloatType, v -> v);
      case DOUBLE -> new AvroColumn(DataTypes.DoubleType, v -> v);
      case STRING, ENUM -> new AvroColumn(DataTypes.StringType, Object::toString);
      case BYTES -> new AvroColumn(DataTypes.BinaryType, v -> toArray((ByteBuffer) v));
      case FIXED -> new AvroColumn(DataTypes.BinaryType, v -> ((GenericFixed) v).bytes().clone());
      case NULL -> throw invalid(path, "it is always null; leave it out until it has a type");
      case ARRAY -> array(of(schema.getElementType(), path + "[]"));
      case MAP -> map(of(schema.getValueType(), path + "{}"));
      case RECORD -> record(schema, path);
      default -> union(schema, path);
    };
  }

  private static AvroColumn array(AvroColumn element) {
    return new AvroColumn(
        DataTypes.createArrayType(element.type, element.nullable),
        v -> ((Collection<?>) v).stream().map(element::toSpark).toArray());
  }

  private static AvroColumn map(AvroColumn value) {
    return new AvroColumn(
        DataTypes.createMapType(DataTypes.StringType, value.type, value.nullable),
        v -> {
          // In the order in which the archive, too, writes the decoded map.
          Map<Object, Object> map = new LinkedHashMap<>();
          ((Map<?, ?>) v).forEach((k, item) -> map.put(k.toString(), value.toSpark(item)));
          return CollectionConverters.asScala(map);
        });
  }

  private static AvroColumn record(Schema schema, String path) {
    if (isRecursive(schema, schema, new ArrayList<>())) {
      throw invalid(
          path,
          "the record '"
              + schema.getName()
              + "' contains itself, which a column cannot; write out the levels you need, or keep"
              + " it as JSON in a string");
    }
    if (schema.getFields().isEmpty()) {
      throw invalid(path, "the record '" + schema.getName() + "' has no fields; leave it out");
    }
    StructType type = rowType(schema, path);
    List<AvroColumn> columns =
        schema.getFields().stream().map(f -> of(f.schema(), path + "." + f.name())).toList();
    return new AvroColumn(
        type,
        v -> {
          Object[] values = new Object[columns.size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = columns.get(i).toSpark(((IndexedRecord) v).get(i));
          }
          return RowFactory.create(values);
        });
  }

  private static boolean isRecursive(Schema sought, Schema in, List<Schema> seen) {
    return switch (in.getType()) {
      case ARRAY -> reaches(sought, in.getElementType(), seen);
      case MAP -> reaches(sought, in.getValueType(), seen);
      case UNION -> in.getTypes().stream().anyMatch(t -> reaches(sought, t, seen));
      case RECORD -> in.getFields().stream().anyMatch(f -> reaches(sought, f.schema(), seen));
      default -> false;
    };
  }

  private static boolean reaches(Schema sought, Schema in, List<Schema> seen) {
    if (in == sought) {
      return true;
    }
    if (seen.stream().anyMatch(s -> s == in)) {
      return false;
    }
    seen.add(in);
    return isRecursive(sought, in, seen);
  }

  private static AvroColumn union(Schema schema, String path) {
    List<Schema> members =
        schema.getTypes().stream().filter(t -> t.getType() != Schema.Type.NULL).toList();
    if (members.size() != 1) {
      throw invalid(
          path,
          "it is a union of "
              + members.stream().map(Schema::getName).toList()
              + "; a column has one type, beside null: make a field for each");
    }
    AvroColumn member = of(members.get(0), path);
    return new AvroColumn(member.type, schema.isNullable(), member.conversion);
  }

  private static Instant ofMicros(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static LocalDateTime local(Instant instant) {
    return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
  }

  private static byte[] toArray(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static RecountException invalid(String path, String reason) {
    return RecountException.of(
        ErrorCode.EVENT_SCHEMA_INVALID, "Cannot make a column of the field '%s': %s", path, reason);
  }
}
