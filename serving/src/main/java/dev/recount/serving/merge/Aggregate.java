package dev.recount.serving.merge;

import dev.recount.core.view.ColumnType;
import java.util.List;

/**
 * A value that Pinot merges over the stored rows of a group, from one or more columns of its
 * answer.
 */
public sealed interface Aggregate permits MeasureAggregate, DimensionAggregate, ThetaSet {
  /** Distinguishes the aggregates of a query. */
  String key();

  ColumnType type();

  /**
   * The columns to ask Pinot for.
   *
   * @param exact whether sums must hold beyond 2^53, which costs time
   */
  List<String> columns(boolean exact);

  /** The value, from the cells of those columns; null for NULL. */
  Object value(List<String> cells);

  /** Whether cells that were asked for without {@code exact} may be wrong. */
  boolean isDoubtful(List<String> cells);

  /** The column whose order is the order of the values, if Pinot can sort by it; else null. */
  String orderBy();
}
