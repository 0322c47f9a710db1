package dev.recount.core.diff;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;

/**
 * How the answers of two versions of a view differ, over the same arrivals.
 *
 * @param complete whether both answers held all that arrived before the moment; if not, the
 *     warnings say what is missing
 * @param before both answers are of what arrived before this moment, which both versions have
 *     passed, and which the batch of neither has
 * @param columns those that only one version has, or that are of another type
 * @param by the dimensions by which both were grouped
 * @param measures those that both have
 * @param sample some of the groups that differ
 */
public record VersionDiff(
    String view,
    Side from,
    Side to,
    boolean complete,
    List<String> warnings,
    Instant before,
    List<ColumnChange> columns,
    List<String> by,
    Groups groups,
    List<MeasureDiff> measures,
    List<Group> sample) {
  public static final String ADDED = "added";
  public static final String REMOVED = "removed";
  public static final String CHANGED = "changed";
  public static final String NEW = "new";
  public static final String GONE = "gone";

  /**
   * One of the two versions.
   *
   * @param batchUntil its batch covers what arrived before this; null if it has none
   * @param speedUntil its speed has counted what arrived before this; null if that is not known
   */
  public record Side(int version, String sql, Instant batchUntil, Instant speedUntil) {}

  /**
   * A column that is not in both versions as it is in one.
   *
   * @param kind {@code dimension} or {@code measure}
   * @param change {@link #ADDED}, {@link #REMOVED} or {@link #CHANGED}
   * @param from its type; null if it was added
   * @param to its type; null if it was removed
   */
  public record ColumnChange(String name, String kind, String change, String from, String to) {}

  /**
   * How many groups there are of each kind, over both versions.
   *
   * @param equal in all measures that both have; sketches within their error are equal
   * @param added those that only the second version has
   * @param gone those that only the first version has
   */
  public record Groups(long equal, long changed, @JsonProperty("new") long added, long gone) {
    public long all() {
      return equal + changed + added + gone;
    }
  }

  /**
   * A measure that both versions have.
   *
   * @param totalFrom over all groups; null if there is none
   * @param difference of the totals; null if they are no numbers
   * @param relative the difference as a part of the first total; null if that is 0 or no number
   * @param equal groups of both versions in which it has the same value
   * @param withinError groups in which two sketches differ by no more than their error
   * @param changed groups in which it differs by more
   * @param largest the largest differences, the largest first
   */
  public record MeasureDiff(
      String name,
      String kind,
      Object totalFrom,
      Object totalTo,
      Double difference,
      Double relative,
      long equal,
      long withinError,
      long changed,
      List<Largest> largest) {}

  /** A large difference of one measure. */
  public record Largest(List<Object> group, Object from, Object to, double difference) {}

  /**
   * A group that differs.
   *
   * @param change {@link #CHANGED}, {@link #NEW} or {@link #GONE}
   * @param from the values of the measures, in their order; null if it is new
   * @param to null if it is gone
   */
  public record Group(List<Object> group, String change, List<Object> from, List<Object> to) {}
}
