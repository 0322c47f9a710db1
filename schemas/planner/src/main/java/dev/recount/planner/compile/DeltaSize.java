package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.StoredColumn;
import dev.recount.planner.compile.CompiledView.CompiledDimension;
import dev.recount.planner.compile.CompiledView.CompiledMeasure;
import dev.recount.planner.row.Refusal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import scala.jdk.javaapi.CollectionConverters;

/**
 * How large the delta of a view can be, a JSON object of its columns. It follows from the largest
 * event, because fields that are dimensions are in one event together, and from {@link TextLimit},
 * which bounds what functions make and measures keep. A view whose deltas could be larger than what
 * is sent to Kafka is refused when it is planned.
 */
public final class DeltaSize {
  /** Largest delta. Kafka takes requests of 100 MiB if its settings say nothing else. */
  public static final int LARGEST_BYTES = 96 << 20;

  /** Largest key of a delta. */
  public static final int LARGEST_KEY_BYTES = 1 << 10;

  /** The largest delta with its key and what Kafka writes around it. */
  public static final int LARGEST_BATCH_BYTES = LARGEST_BYTES + (1 << 20);

  /** A name of a column, and a number, a date or a truth value. */
  private static final int SMALL_BYTES = 256;

  /** Of a Theta sketch of {@link StoredColumn#THETA_NOMINAL_ENTRIES}, in hexadecimal, with room. */
  private static final int THETA_BYTES = 4 * 16 * StoredColumn.THETA_NOMINAL_ENTRIES;

  /** Of the other sketches. */
  private static final int SKETCH_BYTES = 64 << 10;

  private DeltaSize() {}

  /**
   * The bytes of the largest delta of a view, at most.
   *
   * @throws dev.recount.error.RecountException VIEW_INVALID if it is too large
   */
  static long checked(CompiledView view, int largestEvent, Refusal refusal) {
    long bytes = most(view, largestEvent);
    if (bytes > LARGEST_BYTES) {
      throw refusal.invalid(
          "a row of it may take %s MiB on its way to Pinot, but at most %s are allowed: "
              + "with events of up to %s bytes (events.max-size), it has too many texts that "
              + "are computed or kept by max_by, min_by, max or min; spread them over several "
              + "views, or lower events.max-size",
          mebibytes(bytes), mebibytes(LARGEST_BYTES), largestEvent);
    }
    return bytes;
  }

  private static long mebibytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }

  private static long most(CompiledView view, int largestEvent) {
    Set<ExprId> fields = fields(view.source());
    long ofEvent = (long) largestEvent * TextLimit.MOST_JSON_PER_BYTE;
    // All dimensions that are fields are of one event, and of one state if there is a join.
    long bytes = SMALL_BYTES + ofEvent * (view.join() == null ? 1 : 2);
    for (CompiledDimension dimension : view.dimensions()) {
      boolean isText = dimension.dimension().type() == ColumnType.STRING;
      bytes += isText ? text(dimension.expression(), fields, ofEvent) : 2 * SMALL_BYTES;
    }
    for (CompiledMeasure measure : view.measures()) {
      for (StoredColumn part : measure.measure().parts()) {
        bytes +=
            switch (part.type()) {
              case STRING -> TextLimit.LARGEST_JSON_BYTES;
              case BYTES -> sketch(measure);
              default -> SMALL_BYTES;
            };
      }
    }
    return bytes;
  }

  /** Of a dimension, beside the fields. What is neither a field nor bounded is a part of one. */
  private static long text(Expression expression, Set<ExprId> fields, long ofEvent) {
    if (expression instanceof Attribute field && fields.contains(field.exprId())) {
      return SMALL_BYTES;
    }
    return TextLimit.isWithin(expression)
        ? TextLimit.LARGEST_JSON_BYTES
        : Math.max(ofEvent, TextLimit.LARGEST_JSON_BYTES);
  }

  private static int sketch(CompiledMeasure measure) {
    return measure.measure().kind() == MeasureKind.THETA ? THETA_BYTES : SKETCH_BYTES;
  }

  private static Set<ExprId> fields(LogicalPlan source) {
    Set<ExprId> fields = new HashSet<>();
    List<LogicalPlan> leaves = CollectionConverters.asJava(source.collectLeaves());
    leaves.forEach(
        leaf ->
            CollectionConverters.asJava(leaf.output())
                .forEach(attribute -> fields.add(attribute.exprId())));
    return fields;
  }
}
