package dev.recount.serving.expression;

import dev.recount.serving.sql.Literals;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;

/** Expressions over values alone, which are computed before Pinot is asked. */
public final class Constants {
  private static final Object[] NONE = {};

  private Constants() {}

  /** Whether the node is a value, or computed of values alone by what the gateway computes. */
  public static boolean isConstant(SqlNode node) {
    if (node == null || Literals.isLiteral(node) || node instanceof SqlDataTypeSpec) {
      return true;
    }
    if (node instanceof SqlNodeList list) {
      return list.getList().stream().allMatch(Constants::isConstant);
    }
    return node instanceof SqlCall call
        && Formulas.isSupported(call)
        && call.getOperandList().stream().allMatch(Constants::isConstant);
  }

  /** The value of a node for which {@link #isConstant} holds; null for NULL. */
  public static Object value(SqlNode node) {
    return Literals.isLiteral(node) ? Literals.of(node) : bound(node).value(NONE, NONE);
  }

  /** Whether a comparison of two constants holds; null for NULL. */
  public static Object compared(SqlNode node, SqlNode left, SqlKind kind, SqlNode right) {
    return Comparands.compared(node, Formulas.comparison(kind), bound(left), bound(right))
        .value(NONE, NONE);
  }

  private static Expression bound(SqlNode node) {
    return Literals.isLiteral(node)
        ? new Expression.Constant(Literals.of(node))
        : Formulas.call((SqlCall) node, Constants::bound);
  }
}
