package dev.recount.batch.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.view.ColumnType;
import java.time.Instant;

/** Brings values of Spark and of the gateway's JSON to one form, so that they can be compared. */
final class Values {
  private static final double ROUNDING = 1e-9;
  private static final double FORMULA_ROUNDING = 1e-6;

  private Values() {}

  static Object ofSpark(ColumnType type, Object value) {
    if (value == null) {
      return null;
    }
    switch (type) {
      case INT:
      case LONG:
        return ((Number) value).longValue();
      case DOUBLE:
        return ((Number) value).doubleValue() + 0.0; // 0.0 and -0.0 are one group
      case TIMESTAMP:
        return Instant.ofEpochMilli(((Instant) value).toEpochMilli()); // as views store it
      default:
        return value.toString();
    }
  }

  static Object ofJson(ColumnType type, JsonNode value) {
    if (value == null || value.isNull() || value.isMissingNode()) {
      return null;
    }
    switch (type) {
      case INT:
      case LONG:
        return value.canConvertToExactIntegral() ? value.longValue() : (Object) value.asDouble();
      case DOUBLE:
        return value.asDouble();
      case TIMESTAMP:
        return Instant.parse(value.asText());
      default:
        return value.asText();
    }
  }

  /** Equal; doubles up to the rounding that another order of addition brings. */
  static boolean same(Object a, Object b) {
    return same(a, b, ROUNDING);
  }

  /** Equal up to the rounding that differences of large numbers bring, as in a variance. */
  static boolean sameFormula(Object a, Object b) {
    return same(a, b, FORMULA_ROUNDING);
  }

  private static boolean same(Object a, Object b, double rounding) {
    if (a instanceof Double x && b instanceof Double y) {
      return x.equals(y)
          || Double.isFinite(x)
              && Double.isFinite(y)
              && Math.abs(x - y) <= rounding * Math.max(Math.abs(x), Math.abs(y));
    }
    return a == null ? b == null : a.equals(b);
  }
}
