package dev.recount.speed;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ids that have arrived in one partition within the horizon, by generations of arrival. What it
 * says of a record follows from the records before it in the partition alone, as far back as {@link
 * #fromMs} of the record, and never from when or how often it is asked: one that is filled again
 * from there says the same. Not thread-safe.
 *
 * <p>A record is a copy if its id is in the generation of its arrival already, or in one of the
 * {@value #GENERATIONS} before it; so the horizon is kept in full, and up to an eighth more. If
 * there are more ids than the limit, the oldest generation is evicted, and the newest if it alone
 * is too large.
 */
final class SeenIds {
  static final int GENERATIONS = 8;

  /** One more, because a new leader's clock may be behind that of the one before. */
  private static final int KEPT = GENERATIONS + 1;

  private final Duration horizon;
  private final long most;
  private final TreeMap<Long, IdSet> generations = new TreeMap<>();
  private long count;

  /** No generation up to this is known; it was evicted at the limit. */
  private long forgotten = Long.MIN_VALUE;

  private long newest = Long.MIN_VALUE;

  /**
   * @param most ids that it holds
   */
  SeenIds(Duration horizon, long most) {
    this.horizon = horizon;
    this.most = most;
  }

  /** From which arrival on records matter for what is said of one that arrived at the moment. */
  static long fromMs(long arrivedMs, Duration horizon) {
    long width = widthMs(horizon);
    return (Math.floorDiv(arrivedMs, width) - KEPT) * width;
  }

  private static long widthMs(Duration horizon) {
    return Math.max(1, -Math.floorDiv(-horizon.toMillis(), GENERATIONS));
  }

  /**
   * Takes a record in, in the order of the partition.
   *
   * @return whether it is a copy of an earlier one
   */
  boolean isCopy(long high, long low, long arrivedMs) {
    long generation = Math.floorDiv(arrivedMs, widthMs(horizon));
    newest = Math.max(newest, generation);
    expire();
    boolean isKnown = isKnown(generation, high, low);
    if (generation > forgotten) {
      remember(generation, high, low);
    }
    return isKnown;
  }

  private boolean isKnown(long generation, long high, long low) {
    for (IdSet ids :
        generations.subMap(generation - GENERATIONS, true, generation, true).values()) {
      if (ids.contains(high, low)) {
        return true;
      }
    }
    return false;
  }

  private void expire() {
    while (!generations.isEmpty() && generations.firstKey() < newest - KEPT) {
      count -= generations.pollFirstEntry().getValue().size();
    }
  }

  private void remember(long generation, long high, long low) {
    if (generations.computeIfAbsent(generation, g -> new IdSet()).add(high, low)) {
      count++;
    }
    while (count > most) {
      Map.Entry<Long, IdSet> oldest = generations.pollFirstEntry();
      count -= oldest.getValue().size();
      forgotten = oldest.getKey();
    }
  }

  /** How far back it knows every id now: the horizon, or less if ids were evicted. */
  Duration inForce() {
    if (forgotten < newest - GENERATIONS) {
      return horizon;
    }
    return horizon.dividedBy(GENERATIONS).multipliedBy(Math.max(0, newest - forgotten - 1));
  }

  long count() {
    return count;
  }
}
