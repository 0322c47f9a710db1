package dev.recount.core.cut;

import dev.recount.error.DurationText;
import java.time.Duration;
import java.util.Collection;

/**
 * The rule that splits batch from real time: by arrival, never by event time.
 *
 * <p>A record's arrival is its Kafka timestamp (LogAppendTime, milliseconds UTC). A batch run with
 * the cut {@code B} covers exactly the records with arrival {@code < B}; the speed layer serves
 * exactly those with arrival {@code >= B}. No record is in both, none in neither.
 */
public record Cut(long boundaryMs, Duration grain) {
  /**
   * How far Pinot's time boundary is behind the newest OFFLINE row: one hour, for HOURLY tables.
   */
  public static final long PINOT_BOUNDARY_LAG_MS = Duration.ofHours(1).toMillis();

  /**
   * A record carries its arrival shortly before it can be read. So long after a moment, all that
   * arrived before it is in the log.
   */
  public static final Duration APPEND_IN_FLIGHT = Duration.ofSeconds(1);

  public Cut {
    if (Math.floorMod(boundaryMs, grain.toMillis()) != 0) {
      throw new IllegalArgumentException(
          "Cannot cut at " + boundaryMs + ": it is not on the grain " + DurationText.of(grain));
    }
  }

  /** Arrival floored to the grain: the value of {@code _arrived} in the speed layer. */
  public static long bucket(long arrivalMs, Duration grain) {
    return Math.floorDiv(arrivalMs, grain.toMillis()) * grain.toMillis();
  }

  /**
   * The first bucket boundary after the moment: a cut there covers all that had arrived by then.
   */
  public static long closeOfBucket(long arrivalMs, Duration grain) {
    return bucket(arrivalMs, grain) + grain.toMillis();
  }

  /**
   * The newest cut that the archive allows.
   *
   * @param held for each partition, the arrival of the first record that the archive does not hold
   *     yet, or the time just before the partition's end was read if it holds all; milliseconds
   * @param clockMargin held back against clock steps at a leader change
   */
  public static Cut newest(Collection<Long> held, Duration grain, Duration clockMargin) {
    long earliest = held.stream().mapToLong(Long::longValue).min().orElseThrow();
    return new Cut(bucket(earliest - clockMargin.toMillis(), grain), grain);
  }

  public boolean isInBatch(long arrivalMs) {
    return arrivalMs < boundaryMs;
  }

  public boolean isInSpeed(long arrivalMs) {
    return arrivalMs >= boundaryMs;
  }

  /** {@code _arrived} of every row of the batch: the last millisecond that it covers. */
  public long batchArrivedMs() {
    return boundaryMs - 1;
  }

  /**
   * {@code _arrived} of the sentinel row that moves Pinot's time boundary to {@link
   * #batchArrivedMs}: Pinot serves OFFLINE up to the newest OFFLINE time less one hour, and
   * REALTIME after it, so the boundary hides the sentinel itself.
   */
  public long sentinelArrivedMs() {
    return batchArrivedMs() + PINOT_BOUNDARY_LAG_MS;
  }

  /** The cut that a time boundary of Pinot stands for. */
  public static Cut ofPinotBoundary(long pinotBoundaryMs, Duration grain) {
    return new Cut(pinotBoundaryMs + 1, grain);
  }
}
