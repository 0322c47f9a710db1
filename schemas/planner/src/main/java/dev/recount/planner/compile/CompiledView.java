package dev.recount.planner.compile;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.StoredColumn;
import dev.recount.planner.state.JoinForm;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;

/**
 * A view ready to run: what its groups and parts are, over the plan below its aggregation.
 *
 * @param source projections and filters over the empty relation of the event, or of joined rows
 * @param join null if it has none
 */
record CompiledView(
    LogicalPlan source,
    List<CompiledDimension> dimensions,
    List<CompiledMeasure> measures,
    JoinForm join) {

  /** The same, its dimensions described like these, which have the same names and types. */
  CompiledView withDimensions(List<Dimension> described) {
    List<CompiledDimension> same =
        IntStream.range(0, dimensions.size())
            .mapToObj(i -> new CompiledDimension(described.get(i), dimensions.get(i).expression()))
            .toList();
    return new CompiledView(source, same, measures, join);
  }

  CompiledDimension dimension(String name) {
    return dimensions.stream()
        .filter(d -> d.dimension().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  record CompiledDimension(Dimension dimension, Expression expression) {}

  /**
   * @param parts one for each of the measure's parts, in the stored form
   * @param countsAll whether it is the number of events, whatever is in them
   */
  record CompiledMeasure(Measure measure, List<Part> parts, boolean countsAll) {
    CompiledMeasure(Measure measure, List<Part> parts) {
      this(measure, parts, false);
    }
  }

  /** A part and the aggregate that computes it. */
  record Part(StoredColumn column, Column aggregate) {}
}
