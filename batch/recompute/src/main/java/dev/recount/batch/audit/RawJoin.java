package dev.recount.batch.audit;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;

import dev.recount.core.view.ViewJoin;
import dev.recount.planner.compile.ExactFunctions;
import dev.recount.planner.state.StateJoin;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.expressions.Window;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Runs the SQL of a view that joins a state as plain SQL does, and by another way than the layers:
 * every event with every earlier record of every key that it matches, of which the latest of each
 * key is kept.
 */
final class RawJoin {
  private static final String RANK = "_rank";

  private final org.apache.spark.sql.classic.SparkSession session;
  private final ViewJoin join;

  RawJoin(SparkSession session, ViewJoin join) {
    this.session = (org.apache.spark.sql.classic.SparkSession) session;
    this.join = join;
  }

  /**
   * @param sql over temporary views of the event and the state with the places of their records
   */
  Dataset<Row> rows(String sql) {
    return ExactFunctions.rows(session, replaced(session.sql(sql).queryExecution().analyzed()));
  }

  private Dataset<Row> dataset(LogicalPlan plan) {
    return org.apache.spark.sql.classic.Dataset$.MODULE$.ofRows(session, plan);
  }

  private LogicalPlan replaced(LogicalPlan plan) {
    if (plan instanceof Join found) {
      return latest(found).queryExecution().analyzed();
    }
    List<LogicalPlan> children = CollectionConverters.asJava(plan.children());
    return plan.withNewChildren(
        CollectionConverters.asScala(children.stream().map(this::replaced).toList()).toSeq());
  }

  private Dataset<Row> latest(Join found) {
    List<Attribute> event = CollectionConverters.asJava(found.left().output());
    List<Attribute> state = CollectionConverters.asJava(found.right().output());
    List<Expression> conditions = conditions(found.condition().get());
    Column earlier =
        conditions.stream()
            .filter(c -> isOfKey(c, state))
            .map(c -> ExpressionUtils.column(c))
            .reduce(
                place(state, StateJoin.ARRIVED_AT).lt(place(event, StateJoin.ARRIVED_AT)),
                Column::and);
    Column rank =
        row_number()
            .over(
                Window.partitionBy(
                        Stream.concat(
                                Stream.of(
                                    place(event, StateJoin.PARTITION),
                                    place(event, StateJoin.OFFSET)),
                                join.key().stream().map(k -> place(state, k)))
                            .toArray(Column[]::new))
                    .orderBy(
                        place(state, StateJoin.ARRIVED_AT).desc(),
                        place(state, StateJoin.PARTITION).desc(),
                        place(state, StateJoin.OFFSET).desc()));
    Dataset<Row> pairs =
        dataset(found.left())
            .join(dataset(found.right()), earlier, join.keepsUnmatched() ? "left_outer" : "inner")
            .withColumn(RANK, rank)
            .where(col(RANK).equalTo(lit(1)));
    for (Expression condition : conditions) {
      if (!isOfKey(condition, state)) {
        pairs = pairs.where(ExpressionUtils.column(condition));
      }
    }
    return pairs;
  }

  /** Whether the condition is the same for all records of a key. */
  private boolean isOfKey(Expression condition, List<Attribute> state) {
    return CollectionConverters.asJava(condition.references().toSeq()).stream()
        .filter(a -> state.stream().anyMatch(s -> s.exprId().equals(a.exprId())))
        .allMatch(a -> join.key().contains(a.name()));
  }

  private static List<Expression> conditions(Expression condition) {
    if (condition instanceof And and) {
      List<Expression> all = new ArrayList<>(conditions(and.left()));
      all.addAll(conditions(and.right()));
      return all;
    }
    return List.of(condition);
  }

  private static Column place(List<Attribute> columns, String name) {
    return columns.stream()
        .filter(a -> a.name().equals(name))
        .findFirst()
        .map(a -> ExpressionUtils.column((Expression) a))
        .orElseThrow();
  }
}
