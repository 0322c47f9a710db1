package dev.recount.serving.gateway;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import java.util.List;

/** An aggregate over a dimension, for which it does not matter how often a value is stored. */
record DimensionAggregate(Function function, Scalar scalar) implements Aggregate {
  /** What is computed of the values. */
  enum Function {
    MIN,
    MAX,
    DISTINCTCOUNT
  }

  @Override
  public String key() {
    return function + "(" + scalar.sql() + ")";
  }

  @Override
  public ColumnType type() {
    return function == Function.DISTINCTCOUNT ? ColumnType.LONG : scalar.type();
  }

  @Override
  public List<String> columns(boolean exact) {
    if (function != Function.DISTINCTCOUNT || scalar.column() == null) {
      return List.of(function + "(" + scalar.sql() + ")");
    }
    Dimension column = scalar.column();
    String values = function + "(" + Stored.column(column) + ")";
    if (!column.nullable()) {
      return List.of(values);
    }
    String nulls = rows(Stored.isNull(column));
    // A LONG may have a value that is stored as NULL is but for its flag.
    return column.hasNullFlag()
        ? List.of(values, nulls, rows(likeNull(column)))
        : List.of(values, nulls);
  }

  private static String likeNull(Dimension column) {
    return Stored.column(column)
        + " = "
        + Stored.quoted(Dimension.NULL_LONG)
        + " AND "
        + Stored.isNotNull(column);
  }

  private static String rows(String condition) {
    return "SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END)";
  }

  @Override
  public Object value(List<String> cells) {
    if (function == Function.DISTINCTCOUNT) {
      long values = Cells.whole(cells.get(0)).longValueExact();
      boolean isNullCounted =
          cells.size() > 1
              && Double.parseDouble(cells.get(1)) > 0
              && !(cells.size() > 2 && Double.parseDouble(cells.get(2)) > 0);
      return isNullCounted ? values - 1 : values;
    }
    if (Cells.isInfinite(cells.get(0))) {
      return null;
    }
    Number number =
        Cells.number(
            cells.get(0), type() == ColumnType.DOUBLE ? ColumnType.DOUBLE : ColumnType.LONG);
    return type() == ColumnType.TIMESTAMP
        ? java.time.Instant.ofEpochMilli(number.longValue())
        : number;
  }

  @Override
  public boolean isDoubtful(List<String> cells) {
    return false;
  }

  @Override
  public String orderBy() {
    return null;
  }
}
