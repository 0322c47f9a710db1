package dev.recount.cases;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What is in an answer and was not expected, and the other way round.
 *
 * @param columns their names
 * @param pairs rows that are not the same, beside each other if they have most in common
 * @param same how many rows are as expected
 * @param isOrder whether the rows are the same ones, but in another order
 */
public record Difference(List<String> columns, List<Pair> pairs, int same, boolean isOrder) {

  /**
   * An expected row and one that was found.
   *
   * @param expected null if none was
   * @param found null if none was
   */
  public record Pair(List<JsonNode> expected, List<JsonNode> found) {}

  boolean isNone() {
    return pairs.isEmpty();
  }

  /** Compares rows, in their order only if the query gives them one. */
  static Difference of(
      List<Column> columns,
      List<List<JsonNode>> expected,
      List<List<JsonNode>> found,
      boolean isOrdered) {
    List<String> names = columns.stream().map(Column::name).toList();
    Difference unordered = unordered(columns, names, expected, found);
    if (!isOrdered || !unordered.isNone()) {
      return unordered;
    }
    List<Pair> moved = new ArrayList<>();
    for (int i = 0; i < expected.size(); i++) {
      if (!isSame(columns, expected.get(i), found.get(i))) {
        moved.add(new Pair(expected.get(i), found.get(i)));
      }
    }
    return new Difference(names, moved, expected.size() - moved.size(), !moved.isEmpty());
  }

  private static Difference unordered(
      List<Column> columns,
      List<String> names,
      List<List<JsonNode>> expected,
      List<List<JsonNode>> found) {
    List<List<JsonNode>> unexpected = new ArrayList<>(found);
    List<List<JsonNode>> missing = new ArrayList<>();
    for (List<JsonNode> row : expected) {
      int at = most(columns, row, unexpected, columns.size());
      if (at < 0) {
        missing.add(row);
      } else {
        unexpected.remove(at);
      }
    }
    List<Pair> pairs = new ArrayList<>();
    for (List<JsonNode> row : missing) {
      int at = most(columns, row, unexpected, 1);
      pairs.add(new Pair(row, at < 0 ? null : unexpected.remove(at)));
    }
    unexpected.forEach(row -> pairs.add(new Pair(null, row)));
    return new Difference(names, pairs, expected.size() - missing.size(), false);
  }

  /** The row that has most values in common, at least so many; -1 if none has. */
  private static int most(
      List<Column> columns, List<JsonNode> row, List<List<JsonNode>> among, int least) {
    int best = -1;
    int bestCommon = least - 1;
    for (int i = 0; i < among.size(); i++) {
      int common = common(columns, row, among.get(i));
      if (common > bestCommon) {
        best = i;
        bestCommon = common;
      }
    }
    return best;
  }

  private static boolean isSame(List<Column> columns, List<JsonNode> a, List<JsonNode> b) {
    return common(columns, a, b) == columns.size();
  }

  private static int common(List<Column> columns, List<JsonNode> expected, List<JsonNode> found) {
    int common = 0;
    for (int i = 0; i < columns.size(); i++) {
      common += columns.get(i).isSame(expected.get(i), found.get(i)) ? 1 : 0;
    }
    return common;
  }

  /** Lines for people: the columns, what was expected (-), and what was found (+). */
  List<String> text() {
    List<List<String>> table = new ArrayList<>();
    table.add(cells(" ", columns));
    for (Pair pair : pairs) {
      if (pair.expected() != null) {
        table.add(cells("-", texts(pair.expected())));
      }
      if (pair.found() != null) {
        table.add(cells("+", texts(pair.found())));
      }
    }
    int[] widths = new int[columns.size() + 1];
    table.forEach(
        row -> {
          for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], row.get(i).length());
          }
        });
    List<String> lines = new ArrayList<>();
    for (List<String> row : table) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    if (isOrder) {
      lines.add("(the rows are as expected, but in another order)");
    } else if (same > 0) {
      lines.add("(" + same + (same == 1 ? " other row is" : " other rows are") + " as expected)");
    }
    return lines;
  }

  private static List<String> cells(String mark, List<String> row) {
    List<String> cells = new ArrayList<>();
    cells.add(mark);
    cells.addAll(row);
    return cells;
  }

  private static List<String> texts(List<JsonNode> row) {
    return row.stream().map(value -> value.isNull() ? "NULL" : value.asText()).toList();
  }
}
