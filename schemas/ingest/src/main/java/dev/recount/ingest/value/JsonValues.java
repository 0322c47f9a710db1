package dev.recount.ingest.value;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.error.ErrorCode;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** Converts JSON values to what Avro's generic model holds for a schema. */
public final class JsonValues {
  private static final Pattern UUID_TEXT =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

  private JsonValues() {}

  public static GenericRecord record(JsonNode json, Schema schema) throws FieldException {
    GenericData.Record record = new GenericData.Record(schema);
    int found = 0;
    for (Schema.Field field : schema.getFields()) {
      JsonNode value = json.get(field.name());
      if (value == null) {
        record.put(field.pos(), absent(field));
        continue;
      }
      found++;
      try {
        record.put(field.pos(), value(value, field.schema()));
      } catch (FieldException e) {
        throw e.inside(field.name());
      }
    }
    if (found < json.size()) {
      throw unknown(json, schema);
    }
    return record;
  }

  private static Object absent(Schema.Field field) throws FieldException {
    if (field.hasDefaultValue()) {
      return GenericData.get().getDefaultValue(field);
    }
    if (field.schema().isNullable()) {
      return null;
    }
    throw new FieldException(
        ErrorCode.EVENT_FIELD_MISSING,
        field.name(),
        "is missing; give it as " + Mismatch.wanted(field.schema()));
  }

  private static FieldException unknown(JsonNode json, Schema schema) {
    Iterator<String> names = json.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (schema.getField(name) == null) {
        String known =
            schema.getFields().stream().map(Schema.Field::name).collect(Collectors.joining(", "));
        return new FieldException(
            ErrorCode.EVENT_FIELD_UNKNOWN,
            Mismatch.shortened(name),
            "is not in the schema; its fields are " + known);
      }
    }
    throw new IllegalStateException("every field of the object is in the schema");
  }

  public static Object value(JsonNode json, Schema schema) throws FieldException {
    return switch (schema.getType()) {
      case UNION -> union(json, schema);
      case RECORD -> {
        require(json.isObject(), json, schema);
        yield record(json, schema);
      }
      case ARRAY -> array(json, schema);
      case MAP -> map(json, schema);
      case NULL -> {
        require(json.isNull(), json, schema);
        yield null;
      }
      case BOOLEAN -> {
        require(json.isBoolean(), json, schema);
        yield json.booleanValue();
      }
      case INT -> (int) JsonNumbers.whole(json, schema, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case LONG -> JsonNumbers.whole(json, schema, Long.MIN_VALUE, Long.MAX_VALUE);
      case FLOAT -> JsonNumbers.single(json, schema);
      case DOUBLE -> JsonNumbers.real(json, schema);
      case STRING -> {
        require(json.isTextual(), json, schema);
        yield schema.getLogicalType() instanceof LogicalTypes.Uuid
            ? uuid(json, schema)
            : json.textValue();
      }
      case ENUM -> {
        require(json.isTextual() && schema.hasEnumSymbol(json.textValue()), json, schema);
        yield new GenericData.EnumSymbol(schema, json.textValue());
      }
      case BYTES -> ByteBuffer.wrap(bytes(json, schema));
      case FIXED -> {
        byte[] bytes = bytes(json, schema);
        require(bytes.length == schema.getFixedSize(), json, schema);
        yield new GenericData.Fixed(schema, bytes);
      }
      default -> throw new IllegalStateException("Avro has no type " + schema.getType());
    };
  }

  /** The first branch that fits; if only one is not null, its own problem is the error. */
  private static Object union(JsonNode json, Schema union) throws FieldException {
    if (json.isNull()) {
      require(union.isNullable(), json, union);
      return null;
    }
    Schema only = notNull(union);
    if (only != union) {
      return value(json, only);
    }
    for (Schema branch : union.getTypes()) {
      try {
        return value(json, branch);
      } catch (FieldException e) {
        continue;
      }
    }
    throw Mismatch.of(json, union);
  }

  /** Of a union, the one branch that is not null, if there is exactly one. */
  public static Schema notNull(Schema schema) {
    if (schema.getType() != Schema.Type.UNION) {
      return schema;
    }
    List<Schema> branches =
        schema.getTypes().stream().filter(b -> b.getType() != Schema.Type.NULL).toList();
    return branches.size() == 1 ? branches.get(0) : schema;
  }

  private static List<Object> array(JsonNode json, Schema schema) throws FieldException {
    require(json.isArray(), json, schema);
    List<Object> values = new ArrayList<>(json.size());
    for (JsonNode element : json) {
      try {
        values.add(value(element, schema.getElementType()));
      } catch (FieldException e) {
        throw e.inside("[" + values.size() + "]");
      }
    }
    return values;
  }

  private static Map<String, Object> map(JsonNode json, Schema schema) throws FieldException {
    require(json.isObject(), json, schema);
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      try {
        values.put(entry.getKey(), value(entry.getValue(), schema.getValueType()));
      } catch (FieldException e) {
        throw e.inside(entry.getKey());
      }
    }
    return values;
  }

  /** In small letters, so that one id has one form. */
  private static String uuid(JsonNode json, Schema schema) throws FieldException {
    require(UUID_TEXT.matcher(json.textValue()).matches(), json, schema);
    return json.textValue().toLowerCase(Locale.ROOT);
  }

  private static byte[] bytes(JsonNode json, Schema schema) throws FieldException {
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      return decimal(json, schema, decimal);
    }
    require(json.isTextual(), json, schema);
    try {
      return Base64.getDecoder().decode(json.textValue());
    } catch (IllegalArgumentException e) {
      throw Mismatch.of(json, schema);
    }
  }

  private static byte[] decimal(JsonNode json, Schema schema, LogicalTypes.Decimal type)
      throws FieldException {
    require(json.isNumber() || json.isTextual(), json, schema);
    BigDecimal value;
    try {
      value =
          (json.isNumber() ? json.decimalValue() : JsonNumbers.decimal(json.textValue()))
              .stripTrailingZeros();
    } catch (ArithmeticException | NumberFormatException e) {
      throw Mismatch.of(json, schema);
    }
    require(value.scale() <= type.getScale(), json, schema);
    require(
        value.signum() == 0
            || (long) value.precision() - value.scale() <= type.getPrecision() - type.getScale(),
        json,
        schema);
    byte[] bytes = value.setScale(type.getScale()).unscaledValue().toByteArray();
    if (schema.getType() != Schema.Type.FIXED) {
      return bytes;
    }
    byte[] padded = new byte[schema.getFixedSize()];
    java.util.Arrays.fill(padded, (byte) (value.signum() < 0 ? -1 : 0));
    require(bytes.length <= padded.length, json, schema);
    System.arraycopy(bytes, 0, padded, padded.length - bytes.length, bytes.length);
    return padded;
  }

  private static void require(boolean condition, JsonNode json, Schema schema)
      throws FieldException {
    if (!condition) {
      throw Mismatch.of(json, schema);
    }
  }
}
