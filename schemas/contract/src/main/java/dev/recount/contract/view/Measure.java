package dev.recount.contract.view;

import java.util.List;

/**
 * A measure of a view, with the parts that are stored for it.
 *
 * @param type of the answer: LONG or DOUBLE for numbers, LONG for the estimate of a sketch
 */
public record Measure(String name, MeasureKind kind, ColumnType type, List<StoredColumn> parts) {
  public Measure {
    parts = List.copyOf(parts);
  }
}
