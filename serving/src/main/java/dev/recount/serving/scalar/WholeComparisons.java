package dev.recount.serving.scalar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.apache.calcite.sql.SqlKind;

/** Writes comparisons of whole numbers, within the range that the expression can have. */
final class WholeComparisons {
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final String ALWAYS = Conditions.ALWAYS;
  private static final String NEVER = Conditions.NEVER;

  private WholeComparisons() {}

  /** Whole numbers: a fraction is between two of them, and beyond the range there are none. */
  static String of(Scalar left, SqlKind operator, BigDecimal value) {
    BigInteger below = value.setScale(0, RoundingMode.FLOOR).toBigInteger();
    boolean isWhole = value.compareTo(new BigDecimal(below)) == 0;
    return switch (operator) {
      case EQUALS -> isWhole ? equal(left, below) : NEVER;
      case NOT_EQUALS -> isWhole ? notEqual(left, below) : ALWAYS;
      case LESS_THAN -> isWhole ? lessThan(left, below) : atMost(left, below);
      case LESS_THAN_OR_EQUAL -> atMost(left, below);
      case GREATER_THAN ->
          isWhole ? moreThan(left, below) : atLeast(left, below.add(BigInteger.ONE));
      default -> atLeast(left, isWhole ? below : below.add(BigInteger.ONE));
    };
  }

  private static BigInteger max(Scalar left) {
    return left.form() == Scalar.Form.LONG ? left.most().min(LONG_MAX) : left.most();
  }

  private static BigInteger min(Scalar left) {
    BigInteger least = left.most().negate();
    return left.form() == Scalar.Form.LONG ? least.max(LONG_MIN) : least;
  }

  private static boolean isBeyond(Scalar left, BigInteger value) {
    return value.compareTo(max(left)) > 0 || value.compareTo(min(left)) < 0;
  }

  private static String equal(Scalar left, BigInteger value) {
    return isBeyond(left, value) ? NEVER : left.compared() + " = " + literal(value);
  }

  private static String notEqual(Scalar left, BigInteger value) {
    return isBeyond(left, value) ? ALWAYS : left.compared() + " <> " + literal(value);
  }

  private static String lessThan(Scalar left, BigInteger value) {
    if (value.compareTo(max(left)) > 0) {
      return ALWAYS;
    }
    return value.compareTo(min(left)) <= 0 ? NEVER : left.compared() + " < " + literal(value);
  }

  private static String moreThan(Scalar left, BigInteger value) {
    if (value.compareTo(min(left)) < 0) {
      return ALWAYS;
    }
    return value.compareTo(max(left)) >= 0 ? NEVER : left.compared() + " > " + literal(value);
  }

  private static String atMost(Scalar left, BigInteger value) {
    if (value.compareTo(max(left)) >= 0) {
      return ALWAYS;
    }
    return value.compareTo(min(left)) < 0 ? NEVER : left.compared() + " <= " + literal(value);
  }

  private static String atLeast(Scalar left, BigInteger value) {
    if (value.compareTo(min(left)) <= 0) {
      return ALWAYS;
    }
    return value.compareTo(max(left)) > 0 ? NEVER : left.compared() + " >= " + literal(value);
  }

  /** In quotes, which Pinot reads by the type of what it is compared with, where it might round. */
  private static String literal(BigInteger value) {
    boolean isPlain = value.signum() >= 0 && value.compareTo(Scalar.DOUBLE_HOLDS) <= 0;
    return isPlain ? value.toString() : "'" + value + "'";
  }
}
