package dev.recount.batch.segment;

import dev.recount.core.catalog.BatchPart;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of the Pinot segments that runs make; they sort by time, as the names of runs. */
public final class SegmentNames {
  private static final Pattern RUN = Pattern.compile("([0-9T]+)_");
  private static final Pattern SENTINEL = Pattern.compile("_cut_\\d+$");

  private SegmentNames() {}

  /** The {@code number}-th segment that a task made. */
  static String data(String table, String runId, int task, int number) {
    return table + "_" + runId + "_" + task + "_" + number;
  }

  public static String sentinel(String table, String runId, int number) {
    return table + "_" + runId + "_cut_" + number;
  }

  /** Whether a segment was made for a table by a run. */
  public static boolean isOf(String name, String table, String runId) {
    return name.startsWith(table + "_" + runId + "_");
  }

  /** What stands for the run in the names of segments that a roll-back builds of an older part. */
  public static String rebuilt(String rollback, String runId) {
    return rollback + "_" + runId;
  }

  /** Whether a segment holds rows of a part of a table. */
  public static boolean isOf(String name, String table, BatchPart part) {
    String run = part.builtBy() == null ? part.runId() : rebuilt(part.builtBy(), part.runId());
    return !isSentinel(name) && isOf(name, table, run);
  }

  public static boolean isSentinel(String name) {
    return SENTINEL.matcher(name).find();
  }

  /** The run that made a segment of a table; empty if none of ours did. */
  public static Optional<String> run(String table, String segment) {
    if (!segment.startsWith(table + "_")) {
      return Optional.empty();
    }
    Matcher matcher = RUN.matcher(segment.substring(table.length() + 1));
    return matcher.lookingAt() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /**
   * How many sentinel segments a publication gets, so that it does not have as many segments as the
   * one before it.
   *
   * @param before number of segments of the publication before; 0 if there is none
   */
  public static int sentinels(int dataSegments, int before) {
    return dataSegments + 1 == before ? 2 : 1;
  }
}
