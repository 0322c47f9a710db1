package dev.recount.serving.merge;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.serving.scalar.Cells;
import dev.recount.serving.scalar.Scalar;
import dev.recount.serving.scalar.Stored;
import dev.recount.serving.sql.QueryErrors;
import java.util.List;

/** An aggregate over a dimension, for which it does not matter how often a value is stored. */
public record DimensionAggregate(Function function, Scalar scalar) implements Aggregate {
  /** What is computed of the values. */
  public enum Function {
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
    if (function != Function.DISTINCTCOUNT) {
      return isOfLong()
          ? List.of(extremum(), "COUNT(*)")
          : List.of(function + "(" + scalar.sql() + ")", "SUM(" + scalar.sql() + ")", "COUNT(*)");
    }
    if (scalar.column() == null) {
      return List.of(function + "(" + scalar.grouped() + ")");
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

  /** Whether Pinot has the values as LONG; columns of DOUBLE have their order as such. */
  private boolean isOfLong() {
    return scalar.column() != null || scalar.type() != ColumnType.DOUBLE;
  }

  /** The value that is the last in its own order: Pinot's MIN and MAX are of DOUBLE. */
  private String extremum() {
    String value = scalar.column() == null ? scalar.asWhole() : Stored.column(scalar.column());
    return (function == Function.MAX ? "LASTWITHTIME(" : "FIRSTWITHTIME(")
        + "%s, %s, 'LONG')".formatted(value, value);
  }

  private static String likeNull(Dimension column) {
    return "%s = %s AND %s"
        .formatted(
            Stored.column(column), Stored.quoted(Dimension.NULL_LONG), Stored.isNotNull(column));
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
    if (Cells.whole(cells.get(cells.size() - 1)).signum() == 0) {
      return null;
    }
    if (!isOfLong()) {
      return finite(cells);
    }
    return scalar.column() == null
        ? Stored.value(scalar.type(), cells.get(0))
        : Stored.known(scalar.column(), cells.get(0));
  }

  /** Pinot leaves NaN out, which is the largest; the sum tells whether there is one. */
  private Object finite(List<String> cells) {
    double found = Double.parseDouble(cells.get(0));
    if (!Double.isFinite(Double.parseDouble(cells.get(1))) || !Double.isFinite(found)) {
      throw QueryErrors.unsupported(
          "%s of computed values that are not all finite is not supported; ask for the "
              + "column, or leave them out by WHERE",
          function);
    }
    return found;
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
