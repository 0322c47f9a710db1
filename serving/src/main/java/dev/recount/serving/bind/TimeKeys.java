package dev.recount.serving.bind;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import dev.recount.serving.sql.CalendarUnit;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.Nesting;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.sql.Times;
import dev.recount.serving.sql.Truncation;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;

/** Finds the keys of a query that are times, and between which moments WHERE lets them be. */
final class TimeKeys {
  private final ViewPlan plan;
  private final List<SqlNode> conditions;

  private TimeKeys(ViewPlan plan, SqlNode where) {
    this.plan = plan;
    this.conditions =
        where == null
            ? List.of()
            : where.getKind() == SqlKind.AND ? Nesting.links((SqlCall) where) : List.of(where);
  }

  static List<TimeKey> of(List<SqlNode> keys, ViewPlan plan, SqlNode where) {
    TimeKeys found = new TimeKeys(plan, where);
    List<TimeKey> times = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      found.key(i, keys.get(i)).ifPresent(times::add);
    }
    return times;
  }

  private Optional<TimeKey> key(int index, SqlNode node) {
    if (Truncation.is(node)) {
      Truncation cut = Truncation.of((SqlCall) node);
      return column(cut.moment()).map(name -> key(index, name, cut.unit(), cut.zone()));
    }
    return column(node)
        .flatMap(name -> stored(name).map(unit -> key(index, name, unit, ZoneOffset.UTC)));
  }

  /** The column that a node names; one such as hour is read as a unit inside functions. */
  private Optional<String> column(SqlNode node) {
    if (node instanceof SqlIntervalQualifier unit) {
      return plan.dimensions().stream()
          .map(Dimension::name)
          .filter(name -> name.equalsIgnoreCase(unit.toString()))
          .findFirst();
    }
    return node instanceof SqlIdentifier column
        ? Optional.of(SqlNodes.column(column))
        : Optional.empty();
  }

  private TimeKey key(int index, String column, CalendarUnit unit, ZoneId zone) {
    return new TimeKey(
        index, column, unit, zone, stored(column).orElse(null), from(column), to(column));
  }

  private Optional<CalendarUnit> stored(String column) {
    return StoredUnit.of(plan, column);
  }

  /** The first moment of a column that WHERE lets pass; null if it says none. */
  static Instant from(String column, ViewPlan plan, SqlNode where) {
    return new TimeKeys(plan, where).from(column);
  }

  private Instant from(String column) {
    return conditions.stream()
        .flatMap(
            c -> bound(c, column, SqlKind.GREATER_THAN_OR_EQUAL, SqlKind.GREATER_THAN).stream())
        .max(Instant::compareTo)
        .orElse(null);
  }

  private Instant to(String column) {
    return conditions.stream()
        .flatMap(c -> bound(c, column, SqlKind.LESS_THAN, SqlKind.LESS_THAN_OR_EQUAL).stream())
        .min(Instant::compareTo)
        .orElse(null);
  }

  /**
   * The moment that a column is compared with.
   *
   * @param after what compares so that the moment after it is the bound
   */
  private static Optional<Instant> bound(
      SqlNode condition, String column, SqlKind at, SqlKind after) {
    boolean isBound =
        (condition.getKind() == at || condition.getKind() == after)
            && ((SqlCall) condition).operand(0) instanceof SqlIdentifier name
            && SqlNodes.column(name).equals(column)
            && Literals.isLiteral(((SqlCall) condition).operand(1));
    if (!isBound) {
      return Optional.empty();
    }
    Object value = Literals.of(((SqlCall) condition).operand(1));
    try {
      Instant moment = value instanceof Long ms ? Instant.ofEpochMilli(ms) : Times.moment(value);
      return Optional.of(condition.getKind() == after ? moment.plusMillis(1) : moment);
    } catch (RecountException e) {
      return Optional.empty(); // The condition is refused where it is read.
    }
  }
}
