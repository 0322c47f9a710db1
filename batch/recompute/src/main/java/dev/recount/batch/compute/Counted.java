package dev.recount.batch.compute;

import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.BatchRun;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * What a run has made of a view on the lake.
 *
 * @param type of the rows in its folder
 * @param kept the older parts that stay beside it, oldest first
 * @param folded the older parts whose rows are in the folder now, oldest first
 * @param rows in the folder
 * @param bytes of its files
 */
public record Counted(
    DueView view,
    StructType type,
    List<BatchPart> kept,
    List<BatchPart> folded,
    long rows,
    long bytes) {

  /**
   * What a publication of it consists of, oldest first.
   *
   * @param archiveStartMs what is older had left the archive; 0 if nothing had
   * @param cutMs the folder holds what arrived before this
   * @param segments of the folder
   */
  public List<BatchPart> parts(String runId, long archiveStartMs, long cutMs, int segments) {
    List<BatchPart> parts = new ArrayList<>(kept);
    if (rows > 0) {
      // A backfill puts rows together without merging those of a group.
      boolean isMerged = !folded.isEmpty() && !view.mode().equals(BatchRun.BACKFILL);
      parts.add(
          new BatchPart(runId, fromMs(archiveStartMs), cutMs, rows, bytes, segments, isMerged));
      parts.sort(Comparator.comparingLong(BatchPart::fromMs));
    }
    return parts;
  }

  /**
   * From when on the folder holds what arrived, milliseconds. If nothing was counted before, that
   * is from the beginning.
   *
   * @param archiveStartMs what is older had left the archive; 0 if nothing had
   */
  public long fromMs(long archiveStartMs) {
    if (!folded.isEmpty()) {
      return folded.get(0).fromMs();
    }
    if (kept.isEmpty()) {
      return archiveStartMs;
    }
    return view.isIncremental() ? view.fromMs() : kept.get(0).fromMs();
  }

  /** How many rows are served of the view once these are. */
  public long servedRows() {
    return rows + kept.stream().mapToLong(BatchPart::rows).sum();
  }
}
