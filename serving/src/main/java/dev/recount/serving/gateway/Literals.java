package dev.recount.serving.gateway;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNumericLiteral;

/** Values that stand in a query. */
final class Literals {
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);

  private Literals() {}

  /** Null, Boolean, Long, BigInteger, Double or String; TIMESTAMP and DATE literals as text. */
  static Object value(SqlLiteral literal) {
    if (literal.getValue() == null) {
      return null;
    }
    if (literal instanceof SqlNumericLiteral number) {
      return number(number.bigDecimalValue());
    }
    if (literal instanceof SqlCharStringLiteral) {
      return literal.getValueAs(String.class);
    }
    if (literal.getValue() instanceof Boolean bool) {
      return bool;
    }
    return literal.toValue() == null ? literal.toString() : literal.toValue();
  }

  /** Whether the node is a literal, or a literal with a minus sign. */
  static boolean isLiteral(SqlNode node) {
    return node instanceof SqlLiteral
        || node.getKind() == SqlKind.MINUS_PREFIX
            && ((SqlCall) node).operand(0) instanceof SqlNumericLiteral;
  }

  /** The value of a node for which {@link #isLiteral} holds. */
  static Object of(SqlNode node) {
    if (node instanceof SqlLiteral literal) {
      return value(literal);
    }
    SqlNumericLiteral number = ((SqlCall) node).operand(0);
    return number(number.bigDecimalValue().negate());
  }

  private static Number number(BigDecimal value) {
    return value.scale() <= 0 ? whole(value.toBigIntegerExact()) : (Number) value.doubleValue();
  }

  /** A whole number in the smallest of Long and BigInteger. */
  static Number whole(BigInteger value) {
    boolean fits = value.compareTo(LONG_MIN) >= 0 && value.compareTo(LONG_MAX) <= 0;
    return fits ? (Number) value.longValue() : value;
  }
}
