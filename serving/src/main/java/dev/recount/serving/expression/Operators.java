package dev.recount.serving.expression;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * Computes expressions with SQL's NULL: exact for whole numbers of any size, DOUBLE otherwise; a
 * division by zero is NULL.
 */
public final class Operators {
  /** Of the smallest DOUBLE, 1,074 digits follow the point. */
  private static final int MOST_DIGITS = 1_100;

  /** Relative to the sum of squares; a DOUBLE holds some 1e-16. */
  private static final double VARIANCE_ROUNDING = 1e-14;

  /** Spark's order: that of the bytes in UTF-8, which is not Java's beyond U+FFFF. */
  public static final Comparator<String> TEXT_ORDER =
      Comparator.comparing(s -> s.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

  private Operators() {}

  public static Object evaluate(Expression expression, Object[] keys, Object[] merged) {
    if (expression instanceof Expression.Constant constant) {
      return constant.value();
    }
    if (expression instanceof Expression.Key key) {
      return keys[key.index()];
    }
    if (expression instanceof Expression.Merged aggregate) {
      return merged[aggregate.index()];
    }
    if (expression instanceof Expression.Matches matches) {
      Object text = evaluate(matches.text(), keys, merged);
      return text == null ? null : matches.query().matches((String) text);
    }
    Expression.Call call = (Expression.Call) expression;
    if (call.operator() == Expression.Operator.CASE) {
      return firstMatch(call.arguments(), keys, merged);
    }
    Object[] values =
        call.arguments().stream().map(a -> evaluate(a, keys, merged)).toArray(Object[]::new);
    return apply(call.operator(), values);
  }

  private static Object firstMatch(List<Expression> arguments, Object[] keys, Object[] merged) {
    for (int i = 0; i + 1 < arguments.size(); i += 2) {
      if (Boolean.TRUE.equals(evaluate(arguments.get(i), keys, merged))) {
        return evaluate(arguments.get(i + 1), keys, merged);
      }
    }
    return evaluate(arguments.get(arguments.size() - 1), keys, merged);
  }

  public static Object apply(Expression.Operator operator, Object... values) {
    switch (operator) {
      case AND:
        return and(values);
      case OR:
        return negate(and(Arrays.stream(values).map(Operators::negate).toArray()));
      case IS_NULL:
        return values[0] == null;
      case IS_NOT_NULL:
        return values[0] != null;
      case COALESCE:
        return Arrays.stream(values).filter(v -> v != null).findFirst().orElse(null);
      case NULLIF:
        boolean isEqual =
            values[1] != null && values[2] != null && compare(values[1], values[2]) == 0;
        return isEqual ? null : values[0];
      default:
        return Arrays.stream(values).anyMatch(v -> v == null) ? null : ofValues(operator, values);
    }
  }

  private static Boolean and(Object... values) {
    boolean isKnown = true;
    for (Object value : values) {
      if (Boolean.FALSE.equals(value)) {
        return false;
      }
      isKnown &= value != null;
    }
    return isKnown ? Boolean.valueOf(true) : null;
  }

  private static Boolean negate(Object value) {
    return value == null ? null : Boolean.valueOf(!(Boolean) value);
  }

  private static Object ofValues(Expression.Operator operator, Object[] values) {
    switch (operator) {
      case NOT:
        return negate(values[0]);
      case EQUAL:
      case NOT_EQUAL:
      case LESS:
      case LESS_OR_EQUAL:
      case GREATER:
      case GREATER_OR_EQUAL:
        return holds(operator, compare(values[0], values[1]));
      case TO_DAY:
        return LocalDate.parse((String) values[0]).toEpochDay();
      case TO_MOMENT:
        return moment(values[0]);
      case TO_STRING:
        return String.valueOf(values[0]);
      default:
        return numeric(operator, values);
    }
  }

  /** Whether a comparison holds for two values of this order. */
  public static boolean holds(Expression.Operator operator, int order) {
    return switch (operator) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      default -> order >= 0;
    };
  }

  private static Object numeric(Expression.Operator operator, Object[] values) {
    if (values[0] instanceof Double number && !Double.isFinite(number)) {
      return ofNoNumber(operator, values, number);
    }
    return ofNumber(operator, values);
  }

  /** Infinity and NaN have no whole number below or above. */
  private static Object ofNoNumber(Expression.Operator operator, Object[] values, Double number) {
    return switch (operator) {
      case FLOOR, CEIL, ROUND -> number;
      case TO_LONG -> throw QueryErrors.unsupported("'" + number + "' is no whole number");
      default -> ofNumber(operator, values);
    };
  }

  private static Object ofNumber(Expression.Operator operator, Object[] values) {
    switch (operator) {
      case ADD:
        return exactOr(values, BigInteger::add, Double::sum);
      case SUBTRACT:
        return exactOr(values, BigInteger::subtract, (a, b) -> a - b);
      case MULTIPLY:
        return exactOr(values, BigInteger::multiply, (a, b) -> a * b);
      case DIVIDE:
        return divide((Number) values[0], (Number) values[1]);
      case MODULO:
        return isZero(values[1]) ? null : exactOr(values, BigInteger::remainder, (a, b) -> a % b);
      case NEGATE:
        return numeric(Expression.Operator.SUBTRACT, new Object[] {0L, values[0]});
      case ABS:
        return ((Number) values[0]).doubleValue() < 0
            ? numeric(Expression.Operator.NEGATE, values)
            : values[0];
      case FLOOR:
        return whole(decimal(values[0]).setScale(0, RoundingMode.FLOOR));
      case CEIL:
        return whole(decimal(values[0]).setScale(0, RoundingMode.CEILING));
      case ROUND:
        return round(values);
      case SQRT:
        double number = ((Number) values[0]).doubleValue();
        return number < 0 ? null : (Object) Math.sqrt(number);
      case VARIANCE:
        return variance(values);
      case TO_DOUBLE:
        return ((Number) values[0]).doubleValue();
      case TO_LONG:
        if (values[0] instanceof Boolean flag) {
          return flag ? 1L : 0L;
        }
        return whole(decimal(values[0]).setScale(0, RoundingMode.DOWN));
      default:
        throw new IllegalStateException("no such operator: " + operator);
    }
  }

  private static Number whole(BigDecimal value) {
    return Literals.whole(value.toBigInteger());
  }

  private static Object round(Object[] values) {
    int digits = values.length > 1 ? ((Number) values[1]).intValue() : 0;
    // No number that is answered has more digits, before or after its point.
    int most = Math.max(-MOST_DIGITS, Math.min(MOST_DIGITS, digits));
    BigDecimal rounded = decimal(values[0]).setScale(most, RoundingMode.HALF_UP);
    return values[0] instanceof Double && digits > 0
        ? (Object) rounded.doubleValue()
        : whole(rounded);
  }

  private static Object divide(Number left, Number right) {
    if (isZero(right)) {
      return null;
    }
    return isDouble(left) || isDouble(right)
        ? left.doubleValue() / right.doubleValue()
        : decimal(left).divide(decimal(right), MathContext.DECIMAL128).doubleValue();
  }

  /**
   * From the parts as they are added up. What squares far larger than the variance leave of it is
   * rounding: below that it is 0.
   */
  private static Object variance(Object[] values) {
    double count = ((Number) values[0]).doubleValue();
    double less = ((Number) values[3]).doubleValue();
    if (count <= less) {
      return null;
    }
    double sum = ((Number) values[1]).doubleValue();
    double squares = ((Number) values[2]).doubleValue();
    double deviations = squares - sum * (sum / count);
    return Math.abs(deviations) <= squares * VARIANCE_ROUNDING ? 0.0 : deviations / (count - less);
  }

  private static boolean isZero(Object value) {
    return ((Number) value).doubleValue() == 0;
  }

  private static Number exactOr(
      Object[] values, BinaryOperator<BigInteger> exact, BinaryOperator<Double> approximate) {
    if (isDouble(values[0]) || isDouble(values[1])) {
      return approximate.apply(
          ((Number) values[0]).doubleValue(), ((Number) values[1]).doubleValue());
    }
    return Literals.whole(
        exact.apply(decimal(values[0]).toBigInteger(), decimal(values[1]).toBigInteger()));
  }

  private static boolean isDouble(Object value) {
    return value instanceof Double || value instanceof BigDecimal;
  }

  private static BigDecimal decimal(Object value) {
    if (value instanceof BigDecimal decimal) {
      return decimal;
    }
    if (value instanceof BigInteger big) {
      return new BigDecimal(big);
    }
    return value instanceof Double d
        ? BigDecimal.valueOf(d)
        : BigDecimal.valueOf(((Number) value).longValue());
  }

  /**
   * Compares two values of one kind that are not null; a number with a DOUBLE as a DOUBLE, of which
   * NaN is the largest and zero has no sign.
   */
  public static int compare(Object left, Object right) {
    if (left instanceof Number a && right instanceof Number b) {
      return left instanceof Double || right instanceof Double
          ? Double.compare(a.doubleValue() + 0.0, b.doubleValue() + 0.0)
          : decimal(a).compareTo(decimal(b));
    }
    if (left instanceof Instant a && right instanceof Instant b) {
      return a.compareTo(b);
    }
    if (left instanceof Boolean a && right instanceof Boolean b) {
      return a.compareTo(b);
    }
    if (left instanceof String a && right instanceof String b) {
      return TEXT_ORDER.compare(a, b);
    }
    throw QueryErrors.unsupported("'" + left + "' and '" + right + "' cannot be compared");
  }

  private static Instant moment(Object value) {
    if (value instanceof Number millis) {
      BigDecimal nanos = decimal(millis).movePointRight(6);
      BigInteger[] parts =
          nanos.setScale(0, RoundingMode.FLOOR).toBigInteger().divideAndRemainder(NANOS);
      return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
    }
    return LocalDate.parse((String) value).atStartOfDay().toInstant(ZoneOffset.UTC);
  }

  /** The type of an arithmetic result. */
  static ColumnType wider(ColumnType left, ColumnType right) {
    return left == ColumnType.DOUBLE || right == ColumnType.DOUBLE
        ? ColumnType.DOUBLE
        : ColumnType.LONG;
  }
}
