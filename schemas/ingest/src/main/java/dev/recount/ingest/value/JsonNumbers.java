package dev.recount.ingest.value;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.util.Set;
import org.apache.avro.Schema;

/** Numbers, and times that are numbers, out of JSON: nothing is rounded and nothing overflows. */
public final class JsonNumbers {
  private static final BigDecimal LARGEST_LONG = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final BigDecimal SMALLEST_LONG = BigDecimal.valueOf(Long.MIN_VALUE);

  /** Reading a text as a number takes time by the square of its length. */
  private static final int MOST_CHARACTERS = 1_000;

  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private JsonNumbers() {}

  /**
   * @throws NumberFormatException if the text is not a number, or too long to be useful
   */
  public static BigDecimal decimal(String text) {
    String number = text.strip();
    if (number.length() > MOST_CHARACTERS) {
      throw new NumberFormatException("more than " + MOST_CHARACTERS + " characters");
    }
    return new BigDecimal(number);
  }

  static long whole(JsonNode json, Schema schema, long least, long most) throws FieldException {
    if (json.isTextual() && schema.getLogicalType() != null) {
      return time(json, schema);
    }
    if (json.isIntegralNumber() && json.canConvertToLong()) {
      long value = json.longValue();
      if (value >= least && value <= most) {
        return value;
      }
    } else if (json.isBigDecimal()) {
      BigDecimal value = json.decimalValue();
      if (isWholeLong(value) && value.longValue() >= least && value.longValue() <= most) {
        return value.longValue();
      }
    }
    throw Mismatch.of(json, schema);
  }

  /** Whether the number, such as 1.0 or 2e3, is whole; cheap for 1e999999999 too. */
  private static boolean isWholeLong(BigDecimal value) {
    return value.compareTo(LARGEST_LONG) <= 0
        && value.compareTo(SMALLEST_LONG) >= 0
        && value.stripTrailingZeros().scale() <= 0;
  }

  static float single(JsonNode json, Schema schema) throws FieldException {
    if (isNotFinite(json)) {
      return Float.parseFloat(json.textValue());
    }
    if (json.isNumber() && Float.isFinite(json.decimalValue().floatValue())) {
      return json.decimalValue().floatValue();
    }
    throw Mismatch.of(json, schema);
  }

  static double real(JsonNode json, Schema schema) throws FieldException {
    if (isNotFinite(json)) {
      return Double.parseDouble(json.textValue());
    }
    if (json.isNumber() && Double.isFinite(json.doubleValue())) {
      return json.decimalValue().doubleValue();
    }
    throw Mismatch.of(json, schema);
  }

  /** JSON has no numbers for these values of Avro's; as texts they are written everywhere. */
  private static boolean isNotFinite(JsonNode json) {
    return json.isTextual() && NOT_FINITE.contains(json.textValue());
  }

  private static long time(JsonNode json, Schema schema) throws FieldException {
    try {
      return IsoTimes.number(json.textValue(), schema.getLogicalType());
    } catch (DateTimeException | ArithmeticException e) {
      throw Mismatch.of(json, schema);
    }
  }
}
