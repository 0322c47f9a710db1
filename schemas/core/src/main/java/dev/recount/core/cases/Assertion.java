package dev.recount.core.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What must hold of all that a batch run is about to serve of a view.
 *
 * @param blocks whether the run serves nothing of the view where it does not hold; else that is a
 *     warning
 * @param line where it is in its file
 */
public record Assertion(String name, Check check, boolean blocks, int line) {
  /** What is checked of the view's rows. */
  public sealed interface Check permits NotNull, Unique, AcceptedValues, RowCount, NoRows {}

  /** No value of these columns is NULL. */
  public record NotNull(List<String> columns) implements Check {}

  /** No two rows have the same values of these columns. */
  public record Unique(List<String> columns) implements Check {}

  /** A column has these values and no others; NULL is allowed. */
  public record AcceptedValues(String column, List<JsonNode> values) implements Check {}

  /**
   * There are so many rows.
   *
   * @param min null for no limit
   * @param max null for no limit
   */
  public record RowCount(Long min, Long max) implements Check {}

  /** A query in Spark's SQL over the view gives no row. */
  public record NoRows(String sql) implements Check {}
}
