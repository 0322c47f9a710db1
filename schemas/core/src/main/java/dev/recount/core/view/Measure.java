package dev.recount.core.view;

import java.util.List;

/**
 * A measure of a view, with the parts that are stored for it.
 *
 * @param type of the answer: LONG or DOUBLE for numbers, LONG for the estimate of a sketch
 * @param formula of a FORMULA: what is computed after the merge, in the gateway's SQL over the
 *     names of the inputs; null for other kinds
 * @param inputs of a FORMULA: the measures that it is computed from, whose parts are its parts;
 *     empty for other kinds
 */
public record Measure(
    String name,
    MeasureKind kind,
    ColumnType type,
    List<StoredColumn> parts,
    String formula,
    List<Measure> inputs) {
  public Measure {
    parts = List.copyOf(parts);
    inputs = inputs == null ? List.of() : List.copyOf(inputs);
  }

  /** A measure that is not a FORMULA. */
  public Measure(String name, MeasureKind kind, ColumnType type, List<StoredColumn> parts) {
    this(name, kind, type, parts, null, List.of());
  }
}
