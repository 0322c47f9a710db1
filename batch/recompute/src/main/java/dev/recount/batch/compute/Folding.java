package dev.recount.batch.compute;

import dev.recount.batch.segment.SegmentBuilder;
import dev.recount.core.catalog.BatchPart;
import java.util.List;

/**
 * Which older parts a run folds into its own, so that a view has few parts however often it is run.
 *
 * <p>Parts are in tiers, each {@value #AT_ONCE} times the size of the one below; a tier that gets
 * its {@value #AT_ONCE}th part becomes one part. In the lowest tier, where that costs next to
 * nothing, there is never more than one. So a row is folded once or twice in each tier, and there
 * are at most three parts in each of as many tiers as the logarithm of the history.
 *
 * @param smallBytes what is smaller is folded in every run
 * @param maxSegments beyond as many segments a view is folded even so, if half of them can hold it
 */
record Folding(long smallBytes, int maxSegments) {
  static final int AT_ONCE = 4;

  /**
   * The newest of the parts, oldest first; none if the run's own part stays beside them all.
   *
   * @param rows of the run's own part
   * @param bytes of it
   */
  List<BatchPart> choose(List<BatchPart> parts, long rows, long bytes) {
    int from = rows == 0 ? parts.size() : byTiers(parts, bytes);
    return parts.subList(Math.min(from, byNumber(parts, rows, bytes, from)), parts.size());
  }

  private int byTiers(List<BatchPart> parts, long bytes) {
    int from = parts.size();
    long total = bytes;
    while (true) {
      int tier = tier(total);
      int first = from;
      while (first > 0 && tier(parts.get(first - 1).bytes()) <= tier) {
        first--;
      }
      int together = from - first + 1;
      if (first == from || together < (tier == 0 ? 2 : AT_ONCE)) {
        return from;
      }
      total += parts.subList(first, from).stream().mapToLong(BatchPart::bytes).sum();
      from = first;
    }
  }

  private int tier(long bytes) {
    int tier = 0;
    for (long limit = smallBytes; bytes >= limit; limit *= AT_ONCE) {
      tier++;
    }
    return tier;
  }

  /**
   * Where to begin so that half of the segments that are allowed are free again; the end of the
   * list if there are not too many, or if there is no such place.
   */
  private int byNumber(List<BatchPart> parts, long rows, long bytes, int from) {
    if (segments(parts, from, rows, bytes) <= maxSegments) {
      return parts.size();
    }
    for (int first = from - 1; first >= 0; first--) {
      if (segments(parts, first, rows, bytes) <= maxSegments / 2) {
        return first;
      }
    }
    return parts.size();
  }

  /**
   * How many segments there are if the parts from one on are folded, by rows and by bytes. What was
   * folded before and needed more still does.
   */
  private static long segments(List<BatchPart> parts, int from, long rows, long bytes) {
    long kept = parts.subList(0, from).stream().mapToLong(BatchPart::segments).sum();
    long foldedRows = rows;
    long foldedBytes = bytes;
    long needed = 0;
    for (BatchPart part : parts.subList(from, parts.size())) {
      foldedRows += part.rows();
      foldedBytes += part.bytes();
      needed = part.isFolded() ? Math.max(needed, part.segments()) : needed;
    }
    long byRows = dividedBy(foldedRows, SegmentBuilder.MAX_ROWS);
    long byBytes = dividedBy(foldedBytes, SegmentBuilder.MAX_BYTES);
    return kept + Math.max(needed, Math.max(byRows, byBytes));
  }

  private static long dividedBy(long all, long most) {
    return (all + most - 1) / most;
  }
}
