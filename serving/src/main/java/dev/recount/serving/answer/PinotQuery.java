package dev.recount.serving.answer;

import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.Candidates;
import dev.recount.serving.merge.GroupKey;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.sql.Quoted;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes what Pinot is asked: groups and merged columns of one table.
 *
 * @param table with the type's suffix for one side only
 * @param arrival a condition on arrival; empty for none
 * @param among a condition that keeps the groups of interest; empty for all
 */
public record PinotQuery(BoundQuery query, String table, String arrival, String among) {
  /** A larger LIMIT overflows in Pinot to none at all, except the largest. */
  private static final long LARGEST_LIMIT = 429_496_729;

  public PinotQuery(BoundQuery query, String table, String arrival) {
    this(query, table, arrival, "");
  }

  /** The keys of the groups that may pass HAVING. */
  public String candidates(long limit) {
    return select(keys(), conditions(query.candidates()), keys(), "", limit);
  }

  public PinotQuery among(List<List<String>> groups) {
    return new PinotQuery(query, table, arrival, Candidates.condition(query.keys(), groups));
  }

  /** Leaves out groups that have nothing to do with these, if that is short to say. */
  PinotQuery around(List<List<String>> groups) {
    String around = Candidates.around(query.keys(), groups);
    return around.isEmpty() ? this : new PinotQuery(query, table, arrival, around);
  }

  /**
   * The groups with their merged columns.
   *
   * @param exact whether sums must hold beyond 2^53
   * @param sorted whether Pinot sorts
   * @param limit most groups
   */
  public String groups(boolean exact, boolean sorted, long limit) {
    List<String> columns = new ArrayList<>(keys());
    query.aggregates().forEach(a -> columns.addAll(a.columns(exact)));
    String order =
        query.order().stream()
            .flatMap(o -> pinotOrder(o).stream())
            .collect(Collectors.joining(", ", " ORDER BY ", ""));
    return select(columns, conditions(""), keys(), sorted ? order : "", limit);
  }

  /** What Pinot can sort by; none if only the gateway can. */
  private List<String> pinotOrder(BoundQuery.Order order) {
    if (order.expression() instanceof Expression.Key key) {
      return query.keys().get(key.index()).order(order.isDescending());
    }
    String column =
        order.expression() instanceof Expression.Merged merged
            ? query.aggregates().get(merged.index()).orderBy()
            : null;
    return column == null ? List.of() : List.of(column + (order.isDescending() ? " DESC" : " ASC"));
  }

  /** Whether Pinot's order is the query's. */
  public boolean isSortedByPinot() {
    return query.order().stream().allMatch(o -> !pinotOrder(o).isEmpty() && o.isNullSmallest());
  }

  /** The whole numbers of a column that a DOUBLE does not hold, with the groups they are in. */
  String wholeNumbers(MeasureAggregate aggregate, long limit) {
    var part = aggregate.measure().parts().get(0);
    String name = Quoted.name(part.name());
    List<String> columns = new ArrayList<>(keys());
    columns.add(name);
    String beyond =
        "("
            + name
            + " >= 9007199254740992 OR "
            + name
            + " <= -9007199254740992) AND "
            + (aggregate.measure().parts().size() > 1
                ? Quoted.name(aggregate.measure().parts().get(1).name()) + " > 0"
                : name + " <> " + Quoted.text(part.neutral()));
    return select(columns, conditions(beyond), columns, "", limit);
  }

  /** The strings of a column, with the groups they are in and how many stored rows have each. */
  String texts(MeasureAggregate aggregate, long limit) {
    List<String> groups = new ArrayList<>(keys());
    groups.add(Quoted.name(aggregate.measure().parts().get(0).name()));
    List<String> columns = new ArrayList<>(groups);
    columns.add("COUNT(*)");
    return select(columns, conditions(""), groups, "", limit);
  }

  /** How many stored rows the query reads. */
  String rowCount() {
    return select(List.of("COUNT(*)"), conditions(""), List.of(), "", 1);
  }

  /** One measure of all rows that are read. */
  String total(MeasureAggregate aggregate, boolean exact) {
    return select(aggregate.columns(exact), conditions(""), List.of(), "", 1);
  }

  private List<String> keys() {
    return GroupKey.columns(query.keys());
  }

  private List<String> conditions(String more) {
    return Stream.of(query.where(), arrival, among, more).filter(c -> !c.isEmpty()).toList();
  }

  private String select(
      List<String> columns, List<String> where, List<String> groupBy, String order, long limit) {
    return "SELECT "
        + String.join(", ", columns)
        + " FROM "
        + table
        + (where.isEmpty() ? "" : " WHERE " + String.join(" AND ", where))
        + (groupBy.isEmpty() ? "" : " GROUP BY " + String.join(", ", groupBy))
        + order
        + " LIMIT "
        + (limit > LARGEST_LIMIT ? Integer.MAX_VALUE : limit);
  }

  /** The cells of an aggregate over no rows at all. */
  static List<String> cellsOfNothing(Aggregate aggregate) {
    return aggregate.columns(false).stream().map(PinotQuery::cellOfNothing).toList();
  }

  private static String cellOfNothing(String column) {
    if (column.startsWith("PERCENTILETDIGEST(")) {
      return "NaN";
    }
    if (column.startsWith("LASTWITHTIME(")) {
      return String.valueOf(Long.MIN_VALUE);
    }
    if (column.startsWith("FIRSTWITHTIME(")) {
      return String.valueOf(Long.MAX_VALUE);
    }
    return column.startsWith("MIN(") ? "Infinity" : column.startsWith("MAX(") ? "-Infinity" : "0";
  }
}
