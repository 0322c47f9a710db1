package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.DimensionColumn;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Rank;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.WideSum;
import dev.recount.planner.sketch.SketchUnion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.Complete$;
import org.apache.spark.sql.catalyst.expressions.aggregate.Sum;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import scala.Option;

/** Makes one row of the stored rows of a group: the same merge as at query time, stored again. */
final class StoredMerge {
  private final Map<String, Column> merged = new HashMap<>();

  private StoredMerge(ViewPlan plan) {
    plan.measures().forEach(this::add);
  }

  /**
   * @param stored rows of the view as they are in the lake
   * @return rows with the same columns in the same order, one for each group
   */
  static Dataset<Row> rows(ViewPlan plan, Dataset<Row> stored) {
    Column[] groups =
        plan.dimensionColumns()
            .map(DimensionColumn::name)
            .map(functions::col)
            .toArray(Column[]::new);
    StoredMerge merge = new StoredMerge(plan);
    List<Column> parts =
        plan.storedParts().map(p -> merge.merged.get(p.name()).as(p.name())).toList();
    return parts.isEmpty()
        ? stored.select(groups).distinct()
        : stored
            .groupBy(groups)
            .agg(parts.get(0), parts.subList(1, parts.size()).toArray(Column[]::new));
  }

  private void add(Measure measure) {
    if (measure.kind() == MeasureKind.FORMULA) {
      measure.inputs().forEach(this::add);
      return;
    }
    List<String> names = measure.parts().stream().map(StoredColumn::name).toList();
    for (StoredColumn part : measure.parts()) {
      merged.put(part.name(), merged(part, measure.name() + Rank.SUFFIX));
    }
    String carry = measure.name() + WideSum.SUFFIX;
    if (names.contains(carry)) {
      Halves sum = wideSum(names.get(0), carry);
      merged.put(names.get(0), sum.part());
      merged.put(carry, sum.carry());
    }
  }

  /** A carry is 2^63, which is 2^31 in the upper half. */
  private static Halves wideSum(String name, String carry) {
    Column number = functions.col(name);
    Column high =
        functions
            .shiftright(number, Halves.BITS)
            .plus(functions.shiftleft(functions.col(carry), Halves.BITS - 1));
    return new Halves(sum(number.bitwiseAND(Halves.LOW), 0L), sum(high, 0L));
  }

  private static Column merged(StoredColumn part, String rank) {
    Column value = functions.col(part.name());
    return switch (part.merge()) {
      case SUM -> sum(value, part.neutral());
      case MIN -> or(functions.min(noText(part, value)), part.neutral());
      case MAX -> or(functions.max(noText(part, value)), part.neutral());
      case LAST_WITH_TIME -> or(functions.max_by(value, functions.col(rank)), part.neutral());
      case FIRST_WITH_TIME -> or(functions.min_by(value, functions.col(rank)), part.neutral());
      default -> aggregate(new SketchUnion(part.merge(), ExpressionUtils.expression(value)));
    };
  }

  /** Of texts, what stands for NULL is neither least nor largest. */
  private static Column noText(StoredColumn part, Column value) {
    return part.type() == ColumnType.STRING
        ? functions.nullif(value, functions.lit(part.neutral()))
        : value;
  }

  private static Column sum(Column of, Object none) {
    return or(aggregate(new Sum(ExpressionUtils.expression(of), EvalMode.LEGACY())), none);
  }

  private static Column or(Column aggregate, Object none) {
    return functions.coalesce(aggregate, functions.lit(none));
  }

  private static Column aggregate(AggregateFunction function) {
    return ExpressionUtils.column(
        new AggregateExpression(
            function, Complete$.MODULE$, false, Option.empty(), NamedExpression.newExprId()));
  }
}
