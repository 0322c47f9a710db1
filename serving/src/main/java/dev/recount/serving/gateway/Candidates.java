package dev.recount.serving.gateway;

import dev.recount.core.view.IndexKind;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds the groups that can pass {@code HAVING TEXT_MATCH(MEASURE(x), '...')} without merging all.
 * The merged x of MAX_BY, MIN_BY, MIN or MAX is a value that some stored row of the group has: so a
 * group without a stored row that matches cannot pass. Whether one with such a row passes is seen
 * from its merged value: the row may be older than the latest.
 */
final class Candidates {
  /** More are not worth naming one by one. */
  static final int MOST = 1_000;

  private static final Set<MeasureKind> OF_STORED_VALUES =
      Set.of(MeasureKind.MAX_BY, MeasureKind.MIN_BY, MeasureKind.MIN, MeasureKind.MAX);

  private Candidates() {}

  /** What a stored row of every group that passes fulfils, for Pinot; empty where not known. */
  static String of(Expression having, List<Aggregate> aggregates, ViewPlan plan) {
    if (having instanceof Expression.Call call && call.operator() == Expression.Operator.AND) {
      return call.arguments().stream()
          .map(a -> of(a, aggregates, plan))
          .filter(c -> !c.isEmpty())
          .findFirst()
          .orElse("");
    }
    if (having instanceof Expression.Matches matches
        && matches.text() instanceof Expression.Merged merged
        && aggregates.get(merged.index()) instanceof MeasureAggregate aggregate
        && OF_STORED_VALUES.contains(aggregate.measure().kind())
        && plan.hasIndex(aggregate.measure().name(), IndexKind.TEXT)) {
      return TextMatch.FUNCTION
          + "("
          + ScalarRenderer.quote(plan.textColumn(aggregate.measure().name()).orElseThrow())
          + ", "
          + ScalarRenderer.text(matches.query().pinot(false))
          + ")";
    }
    return "";
  }

  /** Whether groups of these keys can be named in a condition. */
  static boolean canName(List<GroupKey> keys) {
    return !keys.isEmpty() && keys.stream().allMatch(GroupKey::canBeNamed);
  }

  /** A condition that the rows of these groups fulfil, and no others. */
  static String condition(List<GroupKey> keys, List<List<String>> groups) {
    if (keys.size() == 1 && keys.get(0).columns().size() == 1) {
      return keys.get(0).isAmong(groups);
    }
    return groups.stream().map(g -> group(keys, g)).collect(Collectors.joining(" OR ", "(", ")"));
  }

  /**
   * A condition that the rows of these groups fulfil, and of others those whose every key is one of
   * some group; empty where it would be too long, or no key can be named. Cheaper for Pinot than
   * {@link #condition}, whose terms are as many as the groups.
   */
  static String around(List<GroupKey> keys, List<List<String>> groups) {
    if (groups.isEmpty() || groups.size() > MOST) {
      return "";
    }
    List<List<List<String>>> cells = groups.stream().map(g -> GroupKey.cells(keys, g)).toList();
    return IntStream.range(0, keys.size())
        .filter(i -> keys.get(i).canBeNamed())
        .filter(i -> !readsArrival(keys.get(i)))
        .mapToObj(i -> keys.get(i).isAmong(cells.stream().map(c -> c.get(i)).toList()))
        .collect(Collectors.joining(" AND "));
  }

  /** By a condition on arrival Pinot leaves out segments, which then seem to be missing. */
  private static boolean readsArrival(GroupKey key) {
    return key.scalar().dimensions().stream().anyMatch(d -> d.name().equals(StoredColumn.ARRIVED));
  }

  private static String group(List<GroupKey> keys, List<String> group) {
    List<List<String>> cells = GroupKey.cells(keys, group);
    return IntStream.range(0, keys.size())
        .mapToObj(i -> keys.get(i).is(cells.get(i)))
        .collect(Collectors.joining(" AND ", "(", ")"));
  }
}
