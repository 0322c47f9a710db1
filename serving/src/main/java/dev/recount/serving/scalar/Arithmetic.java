package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.sql.QueryErrors;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlNode;

/**
 * Writes arithmetic over dimensions so that Pinot computes what Spark does. Pinot computes with
 * DOUBLE, and with numbers of any size if it is told to: whole numbers that a DOUBLE may not hold
 * are computed as those, or not at all. A division by zero is NULL.
 */
final class Arithmetic {
  private static final BigInteger HALF = BigInteger.ONE.shiftLeft(32);

  /** The largest divisor of a LONG for which {@link #ofLong} stays within a DOUBLE. */
  private static final BigInteger LARGEST_DIVISOR = BigInteger.ONE.shiftLeft(26);

  private static final BigInteger LONG_MOST = BigInteger.ONE.shiftLeft(63);

  private Arithmetic() {}

  static Scalar add(Scalar left, Scalar right) {
    return sum(left, "+", right);
  }

  static Scalar subtract(Scalar left, Scalar right) {
    return sum(left, "-", right);
  }

  static Scalar multiply(Scalar left, Scalar right) {
    return isDouble(left, right)
        ? ofDoubles(left, "*", right)
        : ofWholes(left, "*", right, left.most().multiply(right.most()));
  }

  private static Scalar sum(Scalar left, String operator, Scalar right) {
    return isDouble(left, right)
        ? ofDoubles(left, operator, right)
        : ofWholes(left, operator, right, left.most().add(right.most()));
  }

  private static boolean isDouble(Scalar left, Scalar right) {
    return left.type() == ColumnType.DOUBLE || right.type() == ColumnType.DOUBLE;
  }

  private static Scalar ofDoubles(Scalar left, String operator, Scalar right) {
    return number(
        operand(left) + " " + operator + " " + operand(right), List.of(left, right), List.of());
  }

  /** What Pinot computes with as a DOUBLE. */
  private static String operand(Scalar scalar) {
    return scalar.dimensions().isEmpty() || scalar.form() == Scalar.Form.LONG
        ? scalar.sql()
        : scalar.asDouble();
  }

  /** The zero that is added takes the sign from a zero, which Pinot would tell from 0. */
  private static Scalar number(String sql, List<Scalar> of, List<String> defined) {
    return new Scalar(
        "((" + sql + ") + 0)",
        ColumnType.DOUBLE,
        Scalar.dimensions(of),
        null,
        null,
        Scalar.Form.DOUBLE,
        defined(of, defined));
  }

  private static List<String> defined(List<Scalar> of, List<String> more) {
    List<String> all = new ArrayList<>(more);
    of.forEach(s -> all.addAll(s.defined()));
    return all;
  }

  private static Scalar ofWholes(Scalar left, String operator, Scalar right, BigInteger most) {
    boolean fits = most.compareTo(Scalar.DOUBLE_HOLDS) <= 0;
    return fits
        ? whole(
            "((" + operand(left) + " " + operator + " " + operand(right) + ") + 0)",
            most,
            left,
            right)
        : big(
            "(" + left.asBigDecimal() + " " + operator + " " + right.asBigDecimal() + ")",
            most,
            left,
            right);
  }

  private static Scalar whole(String sql, BigInteger most, Scalar... of) {
    return of(sql, most, Scalar.Form.DOUBLE, List.of(of), List.of());
  }

  private static Scalar big(String sql, BigInteger most, Scalar... of) {
    return of(sql, most, Scalar.Form.BIG_DECIMAL, List.of(of), List.of());
  }

  private static Scalar of(
      String sql, BigInteger most, Scalar.Form form, List<Scalar> of, List<String> defined) {
    return new Scalar(
        sql, ColumnType.LONG, Scalar.dimensions(of), null, most, form, defined(of, defined));
  }

  /** A DOUBLE, whatever it is divided. */
  static Scalar divide(SqlNode node, Scalar left, Scalar right) {
    return number(
        operand(left) + " / " + operand(right), List.of(left, right), notZero(node, right));
  }

  private static List<String> notZero(SqlNode node, Scalar divisor) {
    if (divisor.dimensions().isEmpty()) {
      if (Double.parseDouble(divisor.sql()) == 0) {
        throw QueryErrors.unsupported(node, "it divides by zero");
      }
      return List.of();
    }
    return List.of(
        divisor.column() == null
            ? divisor.sql() + " <> 0"
            : Stored.column(divisor.column())
                + " <> "
                + Stored.literal(divisor.column(), divisor.isWhole() ? (Number) 0L : 0.0d));
  }

  /** What is left of a division, with the sign of what is divided. */
  static Scalar modulo(SqlNode node, Scalar left, Scalar right) {
    List<String> defined = notZero(node, right);
    if (isDouble(left, right)) {
      return number(
          "MOD(" + operand(left) + ", " + operand(right) + ")", List.of(left, right), defined);
    }
    boolean fits =
        left.most().compareTo(Scalar.DOUBLE_HOLDS) <= 0
            && right.most().compareTo(Scalar.DOUBLE_HOLDS) <= 0;
    if (fits) {
      return of(
          "(MOD(" + operand(left) + ", " + operand(right) + ") + 0)",
          right.most(),
          Scalar.Form.DOUBLE,
          List.of(left, right),
          defined);
    }
    boolean isSmall =
        right.dimensions().isEmpty()
            && right.most().compareTo(LARGEST_DIVISOR) <= 0
            && left.most().compareTo(LONG_MOST) <= 0;
    if (!isSmall) {
      throw QueryErrors.unsupported(
          node,
          "what is left of a LONG can be computed exactly for divisors that are whole numbers up to "
              + LARGEST_DIVISOR);
    }
    return ofLong(left, right.most());
  }

  /**
   * A LONG is 2^32 times its upper half and what is left of that, which are both whole numbers that
   * a DOUBLE holds, and so is what is left of each.
   */
  private static Scalar ofLong(Scalar number, BigInteger divisor) {
    String upper = "FLOOR(" + number.asDouble() + " / " + HALF + ")";
    String lower =
        "CAST((%s - (CAST(CAST(%s AS LONG) AS BIG_DECIMAL) * %s)) AS DOUBLE)"
            .formatted(number.asBigDecimal(), upper, HALF);
    String left =
        "MOD((MOD(%s, %s) * %s) + %s, %s)"
            .formatted(upper, divisor, HALF.mod(divisor), lower, divisor);
    String sign = number.asDouble();
    return whole(
        String.format(
            "(CASE WHEN %s < 0 AND %s > 0 THEN (%s - %s) WHEN %s >= 0 AND %s < 0 THEN (%s + "
                + "%s) ELSE %s END + 0)",
            sign, left, left, divisor, sign, left, left, divisor, left),
        divisor,
        number);
  }

  static Scalar absolute(Scalar number) {
    if (number.type() == ColumnType.DOUBLE) {
      return number("ABS(" + operand(number) + ")", List.of(number), List.of());
    }
    if (number.most().compareTo(Scalar.DOUBLE_HOLDS) <= 0) {
      return whole("ABS(" + operand(number) + ")", number.most(), number);
    }
    String big = number.asBigDecimal();
    return big(
        "CASE WHEN " + number.asDouble() + " < 0 THEN (0 - " + big + ") ELSE " + big + " END",
        number.most(),
        number);
  }

  /**
   * The whole number below or above.
   *
   * @param function FLOOR or CEIL
   */
  static Scalar rounded(String function, Scalar number) {
    return number.isWhole()
        ? new Scalar(
            number.sql(),
            ColumnType.LONG,
            number.dimensions(),
            null,
            number.most(),
            number.form(),
            number.defined())
        : number(function + "(" + operand(number) + ")", List.of(number), List.of());
  }
}
