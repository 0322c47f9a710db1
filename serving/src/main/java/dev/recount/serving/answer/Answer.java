package dev.recount.serving.answer;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.recount.core.view.ColumnType;
import java.util.List;

/** Rows, and what they are made of. */
public record Answer(List<Column> columns, List<List<Object>> rows, Provenance provenance) {
  /**
   * A column of an answer.
   *
   * @param shareOf the column of which this is the part of one layer; null if it is a whole
   * @param layer batch or speed; null if it is a whole
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Column(String name, ColumnType type, String shareOf, String layer) {
    public Column(String name, ColumnType type) {
      this(name, type, null, null);
    }

    /** The same of another type. */
    public Column of(ColumnType newType) {
      return new Column(name, newType, shareOf, layer);
    }
  }
}
