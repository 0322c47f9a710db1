package dev.recount.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.recount.core.Json;
import dev.recount.core.view.ColumnType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/**
 * A column of an answer, and when two values of it are the same.
 *
 * @param tolerance relative; 0 if numbers must be equal
 */
record Column(String name, ColumnType type, double tolerance) {
  /** What doubles may differ by, added up in another order. */
  static final double ROUNDING = 1e-9;

  /** A value as it is in an answer to HTTP. */
  static JsonNode found(Object value) {
    return Json.MAPPER.valueToTree(value);
  }

  boolean isSame(JsonNode expected, JsonNode found) {
    if (expected.isNull() || found.isNull()) {
      return expected.isNull() && found.isNull();
    }
    if (type == ColumnType.STRING) {
      return expected.asText().equals(found.asText());
    }
    if (type == ColumnType.TIMESTAMP) {
      return moment(expected).equals(moment(found));
    }
    if (!isFinite(expected) || !isFinite(found)) {
      return expected.asText().equals(found.asText());
    }
    BigDecimal wanted = expected.decimalValue();
    BigDecimal got = found.decimalValue();
    return wanted.compareTo(got) == 0
        || got.subtract(wanted)
                .abs()
                .compareTo(wanted.abs().multiply(BigDecimal.valueOf(tolerance)))
            <= 0;
  }

  private static boolean isFinite(JsonNode value) {
    return value.isNumber() && (!value.isDouble() || Double.isFinite(value.doubleValue()));
  }

  /** A moment that can be written in several ways as one of them; any other value as it is. */
  private static JsonNode moment(JsonNode value) {
    String text = value.asText().strip().replaceFirst("^(\\S+) (?=\\d)", "$1T");
    try {
      Instant moment =
          text.length() == "yyyy-MM-dd".length()
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : OffsetDateTime.parse(text).toInstant();
      return JsonNodeFactory.instance.textNode(moment.toString());
    } catch (DateTimeParseException e) {
      return value;
    }
  }
}
