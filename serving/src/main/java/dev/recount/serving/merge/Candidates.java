package dev.recount.serving.merge;

import dev.recount.core.view.StoredColumn;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Names groups in conditions, so that Pinot is asked for those alone. */
public final class Candidates {
  /** More are not worth naming one by one. */
  public static final int MOST = 1_000;

  private Candidates() {}

  /** Whether groups of these keys can be named in a condition. */
  public static boolean canName(List<GroupKey> keys) {
    return !keys.isEmpty() && keys.stream().allMatch(GroupKey::canBeNamed);
  }

  /** A condition that the rows of these groups fulfil, and no others. */
  public static String condition(List<GroupKey> keys, List<List<String>> groups) {
    if (keys.size() == 1 && keys.get(0).columns().size() == 1) {
      return keys.get(0).isAmong(groups);
    }
    return groups.stream().map(g -> group(keys, g)).collect(Collectors.joining(" OR ", "(", ")"));
  }

  /**
   * A condition that the rows of these groups fulfil, and of others those whose every key is one of
   * some group; empty if it would be too long, or no key can be named. Cheaper for Pinot than
   * {@link #condition}, whose terms are as many as the groups.
   */
  public static String around(List<GroupKey> keys, List<List<String>> groups) {
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
