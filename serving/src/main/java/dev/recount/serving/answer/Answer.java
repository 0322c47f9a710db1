package dev.recount.serving.answer;

import dev.recount.core.view.ColumnType;
import java.util.List;

/** Rows, and what they are made of. */
public record Answer(List<Column> columns, List<List<Object>> rows, Provenance provenance) {
  /** A column of an answer. */
  public record Column(String name, ColumnType type) {}
}
