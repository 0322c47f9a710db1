package dev.recount.serving.answer;

import dev.recount.core.config.RecountConfig;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.pinot.Unsettled;
import java.util.List;

/**
 * The rows of an answer: as many as the query asks for, and no more than the limits allow.
 *
 * @param truncated whether there are more that were not asked to be left out
 */
public record Page(List<List<Object>> rows, boolean truncated) {
  /**
   * @param fill what stands for times without a group; null if they are left out
   * @throws Unsettled if something is missing right now
   */
  public static Page read(
      BoundQuery query, StoredRows stored, Fill fill, RecountConfig.Serving limits)
      throws Unsettled {
    long limit =
        Math.min(query.limit() == null ? limits.defaultLimit() : query.limit(), limits.maxLimit());
    boolean isCut = query.limit() == null || query.limit() > limit;
    long most = limit + (isCut ? 1 : 0);
    long wanted = fill == null ? query.offset() + most : GroupReader.ALL;
    List<Group> groups = new GroupReader(stored, query, limits.maxLimit()).read(wanted);
    Series series = new Series(query, limits.maxLimit());
    series.requireExact(groups);
    groups = fill == null ? groups : series.filled(groups, fill);
    List<List<Object>> rows = Rows.of(query, groups, most);
    boolean truncated = rows.size() > limit;
    return new Page(truncated ? rows.subList(0, (int) limit) : rows, truncated);
  }
}
