package dev.recount.planner.compile;

import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.TimeRange;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.CompiledView.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** One run of a compiled view: its plan with the real events in place of the empty ones. */
public final class ViewRun {
  private final CompiledView view;
  private final LogicalPlan events;
  private final org.apache.spark.sql.classic.SparkSession session;
  private final List<NamedExpression> carried = new ArrayList<>();
  private final UnaryOperator<Dataset<Row>> chosen;

  ViewRun(CompiledView view, Dataset<Row> events, boolean byArrival) {
    this(view, events, byArrival, UnaryOperator.identity());
  }

  /**
   * @param chosen which rows of those below the aggregation are counted
   */
  private ViewRun(
      CompiledView view,
      Dataset<Row> events,
      boolean byArrival,
      UnaryOperator<Dataset<Row>> chosen) {
    this.chosen = chosen;
    this.view = view;
    this.events = events.queryExecution().analyzed();
    this.session = (org.apache.spark.sql.classic.SparkSession) events.sparkSession();
    if (byArrival) {
      carried.add(attribute(StoredColumn.ARRIVED));
    }
  }

  /** Counts only what is in a range of the values of a TIMESTAMP dimension. */
  static ViewRun within(CompiledView view, Dataset<Row> events, String dimension, TimeRange range) {
    Column time =
        functions.unix_millis(
            ExpressionUtils.column(view.dimension(dimension).expression())
                .cast(DataTypes.TimestampType));
    return new ViewRun(
        view,
        events,
        false,
        rows -> rows.where(time.geq(range.fromMs()).and(time.lt(range.beforeMs()))));
  }

  Dataset<Row> rows() {
    Dataset<Row> source =
        chosen.apply(
            org.apache.spark.sql.classic.Dataset$.MODULE$.ofRows(session, rebuilt(view.source())));
    List<Column> arrival =
        carried.stream()
            .map(c -> ExpressionUtils.column((Expression) c).as(StoredColumn.ARRIVED))
            .toList();
    List<Column> groups =
        Stream.concat(
                view.dimensions().stream()
                    .flatMap(d -> DimensionForm.stored(d.dimension(), d.expression()).stream()),
                arrival.stream())
            .toList();
    List<Column> parts =
        view.measures().stream().flatMap(m -> m.parts().stream()).map(Part::aggregate).toList();
    if (parts.isEmpty()) {
      return source.select(array(groups)).distinct();
    }
    Dataset<Row> aggregated =
        source.groupBy(array(groups)).agg(parts.get(0), array(parts.subList(1, parts.size())));
    return arrival.isEmpty() ? aggregated : arrivalLast(aggregated);
  }

  private Dataset<Row> arrivalLast(Dataset<Row> aggregated) {
    List<Column> ordered =
        Stream.concat(
                Stream.of(aggregated.columns()).filter(c -> !c.equals(StoredColumn.ARRIVED)),
                Stream.of(StoredColumn.ARRIVED))
            .map(aggregated::col)
            .toList();
    return aggregated.select(array(ordered));
  }

  private static Column[] array(List<Column> columns) {
    return columns.toArray(Column[]::new);
  }

  /** The plan below the aggregation, over the real events, with the arrival carried through. */
  private LogicalPlan rebuilt(LogicalPlan plan) {
    if (plan instanceof Filter filter) {
      return new Filter(filter.condition(), rebuilt(filter.child()));
    }
    if (plan instanceof Project project) {
      List<NamedExpression> columns =
          new ArrayList<>(CollectionConverters.asJava(project.projectList()));
      columns.addAll(carried);
      return new Project(seq(columns), rebuilt(project.child()));
    }
    if (plan instanceof SubqueryAlias alias) {
      return rebuilt(alias.child());
    }
    if (plan instanceof View inner) {
      return rebuilt(inner.child());
    }
    List<NamedExpression> columns = new ArrayList<>();
    for (Attribute empty : CollectionConverters.asJava(plan.output())) {
      columns.add(
          new Alias(
              (Expression) attribute(empty.name()),
              empty.name(),
              empty.exprId(),
              seq(List.of()),
              Option.empty(),
              seq(List.of())));
    }
    columns.addAll(carried);
    return new Project(seq(columns), events);
  }

  private NamedExpression attribute(String name) {
    for (Attribute attribute : CollectionConverters.asJava(events.output())) {
      if (attribute.name().equals(name)) {
        return attribute;
      }
    }
    throw RecountException.of(
        ErrorCode.INTERNAL, "Cannot run a view: the events have no column '%s'", name);
  }

  private static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }
}
