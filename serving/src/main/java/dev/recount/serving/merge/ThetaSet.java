package dev.recount.serving.merge;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Measure;
import dev.recount.core.view.StoredColumn;
import dev.recount.serving.scalar.Cells;
import dev.recount.serving.sql.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The number of values in a set made of others: the values of one Theta sketch in the rows that
 * pass a filter, their unions, intersections and differences.
 *
 * @param filters conditions for Pinot
 * @param expression in Pinot's words, over the rows that pass WHERE ($0) and of these each filter
 *     ($1, $2, ...)
 */
public record ThetaSet(Measure measure, List<String> filters, String expression)
    implements Aggregate {
  private static final String EVERY_ROW =
      "\"" + StoredColumn.CHUNK + "\" >= " + StoredColumn.NO_CHUNK;

  public ThetaSet {
    filters = List.copyOf(filters);
  }

  /** All values. */
  public static ThetaSet of(Measure measure) {
    return new ThetaSet(measure, List.of(), "$0");
  }

  /** The values in rows that pass a condition for Pinot. */
  public static ThetaSet of(Measure measure, String filter) {
    return new ThetaSet(measure, List.of(filter), "$1");
  }

  /**
   * This set and another, over the same sketch.
   *
   * @param operation SET_UNION, SET_INTERSECT or SET_DIFF
   */
  public ThetaSet with(String operation, ThetaSet other) {
    List<String> all = new ArrayList<>(filters);
    all.addAll(other.filters);
    String right = other.expression;
    for (int i = other.filters.size(); i > 0; i--) {
      right = right.replaceAll("\\$" + i + "\\b", "\\$" + (i + filters.size()));
    }
    return new ThetaSet(measure, all, operation + "(" + expression + ", " + right + ")");
  }

  /** Whether its error is one of the union of what it is made of, which may be far larger. */
  public boolean isPartOfUnion() {
    return expression.contains("SET_INTERSECT") || expression.contains("SET_DIFF");
  }

  @Override
  public String key() {
    return column();
  }

  @Override
  public ColumnType type() {
    return measure.type();
  }

  @Override
  public List<String> columns(boolean exact) {
    return List.of(column());
  }

  private String column() {
    // Pinot takes no expression without a filter.
    List<String> conditions = filters.isEmpty() ? List.of(EVERY_ROW) : filters;
    return "DISTINCTCOUNTTHETASKETCH("
        + Quoted.name(measure.parts().get(0).name())
        + ", 'nominalEntries="
        + StoredColumn.THETA_NOMINAL_ENTRIES
        + "', "
        + conditions.stream().map(Quoted::text).collect(Collectors.joining(", "))
        + ", "
        + Quoted.text(expression)
        + ")";
  }

  @Override
  public Object value(List<String> cells) {
    return Cells.number(cells.get(0), measure.type());
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
