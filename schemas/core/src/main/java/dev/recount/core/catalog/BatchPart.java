package dev.recount.core.catalog;

/**
 * What one run counted of a view, and a publication serves: its folder on the lake, and its
 * segments. A run that folds older parts into its own has made one part of them all.
 *
 * @param fromMs it holds what arrived at or after this, milliseconds; 0: all, of an archive that
 *     has lost nothing
 * @param cutMs and what arrived before this
 * @param rows in its folder and its segments
 * @param bytes of its files on the lake
 * @param segments number of its segments, sentinels not among them
 * @param isFolded whether its rows were merged group by group, so that they need as many segments
 *     however often they are folded
 * @param builtBy the roll-back that built its segments again from its folder; null if they are
 *     those of the run itself
 */
public record BatchPart(
    String runId,
    long fromMs,
    long cutMs,
    long rows,
    long bytes,
    int segments,
    boolean isFolded,
    String builtBy) {
  /** Of rows that are as a run counted them. */
  public BatchPart(String runId, long fromMs, long cutMs, long rows, long bytes, int segments) {
    this(runId, fromMs, cutMs, rows, bytes, segments, false);
  }

  /** One whose segments its run has built. */
  public BatchPart(
      String runId,
      long fromMs,
      long cutMs,
      long rows,
      long bytes,
      int segments,
      boolean isFolded) {
    this(runId, fromMs, cutMs, rows, bytes, segments, isFolded, null);
  }

  /** The same with other segments. */
  public BatchPart builtBy(String rollback, int newSegments) {
    return new BatchPart(runId, fromMs, cutMs, rows, bytes, newSegments, isFolded, rollback);
  }
}
