package dev.recount.serving.expression;

import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.function.BinaryOperator;

/**
 * Computes with numbers: exact for whole numbers of any size, DOUBLE otherwise; a division by zero
 * is NULL.
 */
final class Numbers {
  /** Of the smallest DOUBLE, 1,074 digits follow the point. */
  private static final long MOST_DIGITS = 1_100;

  /** Relative to the sum of squares; a DOUBLE holds some 1e-16. */
  private static final double VARIANCE_ROUNDING = 1e-14;

  private Numbers() {}

  static Number add(Object left, Object right) {
    return exactOr(left, right, BigInteger::add, Double::sum);
  }

  static Number subtract(Object left, Object right) {
    return exactOr(left, right, BigInteger::subtract, (a, b) -> a - b);
  }

  static Number multiply(Object left, Object right) {
    return exactOr(left, right, BigInteger::multiply, (a, b) -> a * b);
  }

  static Number remainder(Object left, Object right) {
    return isZero(right) ? null : exactOr(left, right, BigInteger::remainder, (a, b) -> a % b);
  }

  private static Number exactOr(
      Object left,
      Object right,
      BinaryOperator<BigInteger> exact,
      BinaryOperator<Double> approximate) {
    return isDouble(left) || isDouble(right)
        ? approximate.apply(asDouble(left), asDouble(right))
        : Literals.whole(exact.apply(decimal(left).toBigInteger(), decimal(right).toBigInteger()));
  }

  static Number divide(Object left, Object right) {
    if (isZero(right)) {
      return null;
    }
    return isDouble(left) || isDouble(right)
        ? asDouble(left) / asDouble(right)
        : decimal(left).divide(decimal(right), MathContext.DECIMAL128).doubleValue();
  }

  static Object absolute(Object number) {
    return asDouble(number) < 0 ? subtract(0L, number) : number;
  }

  static Number root(Object number) {
    return asDouble(number) < 0 ? null : Math.sqrt(asDouble(number));
  }

  /** The whole number in a direction; infinity and NaN have none and stay. */
  static Object rounded(Object number, RoundingMode mode) {
    return isFinite(number) ? whole(decimal(number).setScale(0, mode)) : number;
  }

  /** Rounded to so many digits behind the point, or before it where they are negative. */
  static Object rounded(Object number, Object digits) {
    if (!isFinite(number)) {
      return number;
    }
    double kept = ((Number) digits).doubleValue();
    // No number that is answered has more digits, before or after its point.
    int most = (int) Math.max(-MOST_DIGITS, Math.min(MOST_DIGITS, kept));
    BigDecimal rounded = decimal(number).setScale(most, RoundingMode.HALF_UP);
    return number instanceof Double && kept > 0 ? (Object) rounded.doubleValue() : whole(rounded);
  }

  /**
   * From the parts as they are added up. What squares far larger than the variance leave of it is
   * rounding: below that it is 0.
   */
  static Number variance(Object values, Object total, Object ofSquares, Object less) {
    double count = asDouble(values);
    if (count <= asDouble(less)) {
      return null;
    }
    double sum = asDouble(total);
    double squares = asDouble(ofSquares);
    double deviations = squares - sum * (sum / count);
    return Math.abs(deviations) <= squares * VARIANCE_ROUNDING
        ? 0.0
        : deviations / (count - asDouble(less));
  }

  static Number asLong(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (!isFinite(value)) {
      throw QueryErrors.unsupported("'%s' is not a whole number", value);
    }
    return whole(decimal(value).setScale(0, RoundingMode.DOWN));
  }

  static double asDouble(Object number) {
    return ((Number) number).doubleValue();
  }

  /**
   * The order of two numbers: with a DOUBLE that of DOUBLE, of which NaN is the largest and zero
   * has no sign.
   */
  static int compare(Number left, Number right) {
    return left instanceof Double || right instanceof Double
        ? Double.compare(left.doubleValue() + 0.0, right.doubleValue() + 0.0)
        : decimal(left).compareTo(decimal(right));
  }

  static BigDecimal decimal(Object value) {
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

  private static Number whole(BigDecimal value) {
    return Literals.whole(value.toBigInteger());
  }

  private static boolean isZero(Object value) {
    return asDouble(value) == 0;
  }

  private static boolean isDouble(Object value) {
    return value instanceof Double || value instanceof BigDecimal;
  }

  private static boolean isFinite(Object value) {
    return !(value instanceof Double number) || Double.isFinite(number);
  }
}
