package dev.recount.serving.bind;

import dev.recount.core.view.ViewPlan;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.GroupKey;
import java.time.Instant;
import java.util.List;

/**
 * A query bound to a view version.
 *
 * @param where for Pinot; empty if every row passes
 * @param filtersArrival whether WHERE speaks of {@code _arrived}
 * @param timeFrom the first value of the view's {@code @time} that WHERE lets pass; null if it says
 *     none
 * @param candidates what a stored row of every group that passes HAVING fulfils, for Pinot; empty
 *     if that is not known
 * @param searchesText whether a text index is asked
 * @param times of the keys those that are times
 * @param having null if there is none
 * @param limit null if the query has none
 */
public record BoundQuery(
    ViewPlan plan,
    String where,
    boolean filtersArrival,
    Instant timeFrom,
    String candidates,
    boolean searchesText,
    List<GroupKey> keys,
    List<TimeKey> times,
    List<Aggregate> aggregates,
    List<Output> outputs,
    Expression having,
    List<Order> order,
    Long limit,
    long offset,
    List<String> warnings) {

  /** The same without looking for candidates first, which only saves time. */
  public BoundQuery withoutCandidates() {
    return new BoundQuery(
        plan,
        where,
        filtersArrival,
        timeFrom,
        "",
        searchesText,
        keys,
        times,
        aggregates,
        outputs,
        having,
        order,
        limit,
        offset,
        warnings);
  }

  /** The same with other columns. */
  public BoundQuery with(
      List<Aggregate> newAggregates, List<Output> newOutputs, List<String> newWarnings) {
    return new BoundQuery(
        plan,
        where,
        filtersArrival,
        timeFrom,
        candidates,
        searchesText,
        keys,
        times,
        newAggregates,
        newOutputs,
        having,
        order,
        limit,
        offset,
        newWarnings);
  }

  /** A column of the answer. */
  public record Output(String name, Expression expression) {}

  /** A sort key; NULL counts as the smallest value. */
  public record Order(Expression expression, boolean isDescending, boolean isNullFirst) {
    /** Whether NULL sorts like the smallest value. */
    public boolean isNullSmallest() {
      return isNullFirst != isDescending;
    }
  }
}
