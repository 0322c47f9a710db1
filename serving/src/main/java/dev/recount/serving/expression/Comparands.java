package dev.recount.serving.expression;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Times;
import java.time.LocalDate;
import org.apache.calcite.sql.SqlNode;

/**
 * Makes two expressions comparable that the gateway compares itself: their types decide as what;
 * those that have nothing in common are refused when the query is bound, whatever its rows.
 */
final class Comparands {
  private Comparands() {}

  /** The comparison, or NULLIF. */
  static Expression compared(SqlNode node, Operator operator, Expression left, Expression right) {
    Expression first = beside(node, left, right);
    Expression second = beside(node, right, left);
    boolean isSame =
        first.isNull()
            || second.isNull()
            || first.isNumber() && second.isNumber()
            || first.type() == second.type() && first.type() != ColumnType.BYTES;
    if (!isSame) {
      throw QueryErrors.unsupported(
          node, "a " + left.type() + " cannot be compared with a " + right.type());
    }
    return operator == Operator.NULLIF
        ? new Expression.Call(operator, left, first, second)
        : new Expression.Call(operator, first, second);
  }

  /** An expression as what it is compared with asks for. */
  private static Expression beside(SqlNode node, Expression value, Expression other) {
    if (value.isNull()) {
      return value;
    }
    if (value instanceof Expression.Constant constant && constant.value() instanceof String text) {
      return ofText(value, text, other.type());
    }
    if (value.type() == ColumnType.DATE) {
      return ofDay(value, other.type());
    }
    boolean isComputed = !(value instanceof Expression.Constant);
    if (value.type() == ColumnType.BOOLEAN && isComputed && other.isNumber()) {
      return new Expression.Call(Operator.TO_LONG, value);
    }
    boolean isMillis = value.type() == ColumnType.LONG || !isComputed;
    return value.isNumber() && isMillis && other.type() == ColumnType.TIMESTAMP
        ? new Expression.Call(Operator.TO_MOMENT, value)
        : value;
  }

  private static Expression ofText(Expression value, String text, ColumnType other) {
    return switch (other) {
      case TIMESTAMP -> new Expression.Constant(Times.moment(text));
      case DATE -> ofDay(new Expression.Constant(Times.day(text)), other);
      case BOOLEAN ->
          new Expression.Constant(
              Literals.flag(text).orElseThrow(() -> QueryErrors.cannotCompare("boolean", text)));
      default -> value;
    };
  }

  /** Days are compared with each other by their number, and with moments by their midnight. */
  private static Expression ofDay(Expression value, ColumnType other) {
    Expression day =
        value instanceof Expression.Constant constant && constant.value() instanceof LocalDate date
            ? new Expression.Constant(date.toString())
            : value;
    return other == ColumnType.TIMESTAMP
        ? new Expression.Call(Operator.TO_MOMENT, day)
        : new Expression.Call(Operator.TO_DAY, day);
  }
}
