package dev.recount.serving.sql;

import dev.recount.core.Moments;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.SqlUnknownLiteral;
import org.apache.calcite.util.DateString;
import org.apache.calcite.util.TimestampString;

/** Values that are in a query. */
public final class Literals {
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);

  private static final Set<String> TRUE = Set.of("t", "true", "y", "yes", "1");
  private static final Set<String> FALSE = Set.of("f", "false", "n", "no", "0");

  private Literals() {}

  /** Null, Boolean, Long, BigInteger, BigDecimal, Double, String, Instant or LocalDate. */
  public static Object value(SqlLiteral literal) {
    if (literal.getValue() == null) {
      return null;
    }
    if (literal instanceof SqlNumericLiteral number) {
      return number(number, number.bigDecimalValue());
    }
    if (literal instanceof SqlCharStringLiteral) {
      return literal.getValueAs(String.class);
    }
    if (literal.getValue() instanceof Boolean bool) {
      return bool;
    }
    if (literal.getValue() instanceof DateString day) {
      return LocalDate.parse(day.toString());
    }
    if (literal.getValue() instanceof TimestampString moment) {
      return Moments.parse(moment.toString()).orElseThrow();
    }
    if (literal instanceof SqlUnknownLiteral other) {
      return ofType(other);
    }
    return literal.toValue() == null ? literal.toString() : literal.toValue();
  }

  /** A DATE or TIMESTAMP, which the parser leaves as text. */
  private static Object ofType(SqlUnknownLiteral literal) {
    String text = literal.getValue();
    return switch (literal.tag) {
      case "DATE" -> Times.day(text);
      case "TIMESTAMP" -> Times.moment(text);
      default ->
          throw QueryErrors.unsupported(
              literal, "literals of " + literal.tag + " are not supported");
    };
  }

  /** The truth value that a text stands for, as Spark reads it; empty if it stands for none. */
  public static Optional<Boolean> flag(Object value) {
    String text = String.valueOf(value).strip().toLowerCase(Locale.ROOT);
    return TRUE.contains(text)
        ? Optional.of(true)
        : FALSE.contains(text) ? Optional.of(false) : Optional.empty();
  }

  /** Whether the node is a literal, or a literal with a minus sign. */
  public static boolean isLiteral(SqlNode node) {
    return node instanceof SqlLiteral
        || node.getKind() == SqlKind.MINUS_PREFIX
            && ((SqlCall) node).operand(0) instanceof SqlNumericLiteral;
  }

  /** The value of a node for which {@link #isLiteral} holds. */
  public static Object of(SqlNode node) {
    if (node instanceof SqlLiteral literal) {
      return value(literal);
    }
    SqlNumericLiteral number = ((SqlCall) node).operand(0);
    return number(number, number.bigDecimalValue().negate());
  }

  /** Whole and decimal numbers are exact; one with an exponent is a DOUBLE. */
  private static Number number(SqlNumericLiteral literal, BigDecimal value) {
    if (!literal.isExact()) {
      return value.doubleValue();
    }
    return value.scale() <= 0 ? whole(value.toBigIntegerExact()) : value;
  }

  /** A whole number in the smallest of Long and BigInteger. */
  public static Number whole(BigInteger value) {
    boolean fits = value.compareTo(LONG_MIN) >= 0 && value.compareTo(LONG_MAX) <= 0;
    return fits ? (Number) value.longValue() : value;
  }
}
