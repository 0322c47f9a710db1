package dev.recount.ingest.value;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.error.ErrorCode;
import java.util.stream.Collectors;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;

/** What errors say of a value that does not fit its field. */
public final class Mismatch {
  private static final int SHOWN = 40;

  private Mismatch() {}

  static FieldException of(JsonNode found, Schema schema) {
    return new FieldException(
        ErrorCode.EVENT_FIELD_TYPE, "", "is " + shown(found) + ", wanted " + wanted(schema));
  }

  /** A value as an error names it: with its kind, and shortened. */
  public static String shown(JsonNode json) {
    if (json.isContainerNode()) {
      return json.isArray() ? "an array" : "an object";
    }
    String text = json.toString();
    String kind = json.isTextual() ? "the text " : "";
    return kind + shortened(text);
  }

  static String shortened(String text) {
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }

  /** What a schema takes, in words. */
  static String wanted(Schema schema) {
    if (schema.getType() == Schema.Type.UNION) {
      return schema.getTypes().stream().map(Mismatch::wanted).collect(Collectors.joining(" or "));
    }
    if (schema.getType() == Schema.Type.ENUM) {
      return "one of " + schema.getEnumSymbols();
    }
    if (schema.getLogicalType() instanceof LogicalTypes.TimestampMillis) {
      return "an ISO-8601 time with a zone, or milliseconds since the epoch";
    }
    if (schema.getLogicalType() instanceof LogicalTypes.TimestampMicros) {
      return "an ISO-8601 time with a zone, or microseconds since the epoch";
    }
    if (schema.getLogicalType() instanceof LogicalTypes.Date) {
      return "a date as YYYY-MM-DD, or days since the epoch";
    }
    if (schema.getLogicalType() instanceof LogicalTypes.LocalTimestampMillis
        || schema.getLogicalType() instanceof LogicalTypes.LocalTimestampMicros) {
      return "an ISO-8601 time without a zone, or "
          + schema.getLogicalType().getName().replaceFirst("local-timestamp-(.*)s$", "$1seconds")
          + " since 1970";
    }
    if (schema.getLogicalType() instanceof LogicalTypes.Decimal decimal) {
      return String.format(
          "decimal of at most %d digits, %d of them after the point",
          decimal.getPrecision(), decimal.getScale());
    }
    if (schema.getLogicalType() != null) {
      return schema.getLogicalType().getName();
    }
    if (schema.getType() == Schema.Type.BYTES || schema.getType() == Schema.Type.FIXED) {
      return schema.getType().getName() + " as base64";
    }
    return schema.getType().getName();
  }
}
