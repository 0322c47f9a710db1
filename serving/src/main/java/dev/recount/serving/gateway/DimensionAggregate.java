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
    String column = function + "(" + scalar.sql() + ")";
    return countsNull() ? List.of(column, nullRows()) : List.of(column);
  }

  private boolean countsNull() {
    return function == Function.DISTINCTCOUNT
        && scalar.column() != null
        && scalar.column().nullable();
  }

  private String nullRows() {
    Dimension column = scalar.column();
    return "SUM(CASE WHEN "
        + ScalarRenderer.quote(column.name())
        + " = "
        + ScalarRenderer.text(column.storedNull())
        + " THEN 1 ELSE 0 END)";
  }

  @Override
  public Object value(List<String> cells) {
    if (function == Function.DISTINCTCOUNT) {
      long values = Cells.whole(cells.get(0)).longValueExact();
      boolean hasNull = countsNull() && Double.parseDouble(cells.get(1)) > 0;
      return hasNull ? values - 1 : values;
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
