package dev.recount.serving.merge;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.serving.scalar.Cells;
import dev.recount.serving.scalar.Scalar;
import dev.recount.serving.scalar.Stored;
import dev.recount.serving.sql.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** An expression that rows are grouped by: a column of Pinot's answer, or two. */
public record GroupKey(Scalar scalar) {
  /** What Pinot groups by. */
  public List<String> columns() {
    return scalar.column() == null ? List.of(scalar.grouped()) : Stored.keys(scalar.column());
  }

  /** The columns of several keys. */
  public static List<String> columns(List<GroupKey> keys) {
    return keys.stream().flatMap(k -> k.columns().stream()).toList();
  }

  /** The cells of each key, of a row that begins with the columns of all. */
  public static List<List<String>> cells(List<GroupKey> keys, List<String> row) {
    List<List<String>> cells = new ArrayList<>();
    int from = 0;
    for (GroupKey key : keys) {
      int to = from + key.columns().size();
      cells.add(row.subList(from, to));
      from = to;
    }
    return cells;
  }

  /** The value of its cells; null if it is NULL. */
  public Object value(List<String> cells) {
    return scalar.column() == null
        ? Stored.value(scalar.type(), cells.get(0))
        : Stored.value(scalar.column(), cells);
  }

  /** The condition that it has the value of these cells. */
  String is(List<String> cells) {
    List<String> columns = columns();
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      parts.add(columns.get(i) + " = " + literal(cells.get(i)));
    }
    return String.join(" AND ", parts);
  }

  /** The condition that its first column is that of one of these cells. */
  String isAmong(List<List<String>> cells) {
    return cells.stream()
        .map(c -> literal(c.get(0)))
        .distinct()
        .collect(Collectors.joining(", ", columns().get(0) + " IN (", ")"));
  }

  /** A cell as it is in a condition. */
  private String literal(String cell) {
    boolean isText = scalar.form() == Scalar.Form.BIG_DECIMAL;
    return switch (isText ? ColumnType.STRING : scalar.type()) {
      case STRING, BOOLEAN -> Quoted.text(cell);
      default -> Stored.quoted(Cells.number(cell, ColumnType.LONG));
    };
  }

  /** Whether a value can be named in a condition, which a computed DOUBLE cannot. */
  boolean canBeNamed() {
    return scalar.column() != null || scalar.type() != ColumnType.DOUBLE;
  }

  /**
   * What Pinot sorts by to have the order of the gateway, NULL being the least; none if it cannot.
   */
  public List<String> order(boolean isDescending) {
    Dimension column = scalar.column();
    if (scalar.form() == Scalar.Form.BIG_DECIMAL) {
      return List.of(); // Pinot groups by its text.
    }
    if (column != null && column.nullable() && column.type() == ColumnType.STRING) {
      return List.of(); // An empty text comes before NULL.
    }
    List<String> columns = columns();
    List<String> order = new ArrayList<>();
    order.add(columns.get(0) + (isDescending ? " DESC" : " ASC"));
    if (columns.size() > 1) {
      order.add(columns.get(1) + (isDescending ? " ASC" : " DESC"));
    }
    return order;
  }
}
