package dev.recount.serving.bind;

import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.merge.ThetaSet;
import dev.recount.serving.scalar.WhereRenderer;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.text.TextMatch;
import java.util.Locale;
import java.util.Map;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.util.SqlBasicVisitor;

/**
 * Binds {@code MEASURE(x) FILTER (WHERE ...)} of a Theta sketch, and the functions of Spark that
 * make sets of sets: theta_union, theta_intersection, theta_difference.
 */
final class ThetaSets {
  private static final Map<String, String> OPERATIONS =
      Map.of(
          "theta_union", "SET_UNION",
          "theta_intersection", "SET_INTERSECT",
          "theta_intersect", "SET_INTERSECT",
          "theta_difference", "SET_DIFF");

  private final ViewPlan plan;
  private final WhereRenderer conditions;

  ThetaSets(ViewPlan plan, WhereRenderer conditions) {
    this.plan = plan;
    this.conditions = conditions;
  }

  static boolean isSet(SqlCall call) {
    return call.getKind() == SqlKind.FILTER || operation(call) != null;
  }

  private static String operation(SqlCall call) {
    return OPERATIONS.get(call.getOperator().getName().toLowerCase(Locale.ROOT));
  }

  ThetaSet bind(SqlNode node) {
    if (!(node instanceof SqlCall call)) {
      throw notASet(node);
    }
    String operation = operation(call);
    if (operation != null) {
      return combined(call, operation);
    }
    if (call.getKind() != SqlKind.FILTER) {
      return ThetaSet.of(sketch(call));
    }
    Measure sketch = sketch(call.operand(0));
    requireNoSearch(call.operand(1));
    String condition = conditions.render(call.operand(1));
    return condition.isEmpty() ? ThetaSet.of(sketch) : ThetaSet.of(sketch, condition);
  }

  private static void requireNoSearch(SqlNode condition) {
    condition.accept(
        new SqlBasicVisitor<Void>() {
          @Override
          public Void visit(SqlCall call) {
            if (SqlNodes.isCall(call, TextMatch.FUNCTION)) {
              throw QueryErrors.unsupported(call, "it finds rows in WHERE, but not in FILTER");
            }
            return super.visit(call);
          }
        });
  }

  private ThetaSet combined(SqlCall call, String operation) {
    boolean isTooMany = operation.equals("SET_DIFF") && call.operandCount() > 2;
    if (call.operandCount() < 2 || isTooMany) {
      throw QueryErrors.unsupported(
          call, "it takes two sets, such as MEASURE(visitors) FILTER (WHERE browser = 'Firefox')");
    }
    ThetaSet set = bind(call.operand(0));
    for (int i = 1; i < call.operandCount(); i++) {
      ThetaSet next = bind(call.operand(i));
      if (!next.measure().equals(set.measure())) {
        throw QueryErrors.unsupported(
            call,
            "its sets are of two measures; use one, filtered twice: MEASURE("
                + set.measure().name()
                + ") FILTER (WHERE ...)");
      }
      set = set.with(operation, next);
    }
    return set;
  }

  private Measure sketch(SqlNode node) {
    Measure measure =
        SqlNodes.isCall(node, SqlNodes.MEASURE) && ((SqlCall) node).operandCount() == 1
            ? MeasureCall.measure(((SqlCall) node).operand(0), plan)
            : null;
    if (measure == null || measure.kind() != MeasureKind.THETA) {
      throw notASet(node);
    }
    return measure;
  }

  private static RuntimeException notASet(SqlNode node) {
    return QueryErrors.unsupported(
        node,
        "FILTER and theta functions take the distinct values of a theta_sketch_agg, as in MEASURE(x)"
            + " FILTER (WHERE ...); of other measures, put the condition into WHERE, or into the"
            + " view: sum(x) FILTER (WHERE ...)");
  }
}
