package dev.recount.core.catalog;

/**
 * How far the speed layer is for an event.
 *
 * @param generation changes when its checkpoint is lost
 * @param chunk the newest micro-batch whose deltas are written
 * @param completeUntilMs every record with arrival before this has become deltas
 * @param reportedMs when it said so, by the brokers' clocks as {@code completeUntilMs}
 * @param ageMs how long ago that was, by the catalog's clock; 0 of one that is just being said
 */
public record SpeedProgress(
    String event,
    String generation,
    long chunk,
    long completeUntilMs,
    long reportedMs,
    long ageMs) {

  /** What the speed layer says now. */
  public static SpeedProgress of(
      String event, String generation, long chunk, long completeUntilMs, long reportedMs) {
    return new SpeedProgress(event, generation, chunk, completeUntilMs, reportedMs, 0);
  }

  /** What the brokers' clocks show now, whatever the clock of this host does. */
  public long nowMs() {
    return reportedMs + ageMs;
  }

  /** How long ago everything had become deltas. */
  public long freshnessMs() {
    return Math.max(0, nowMs() - completeUntilMs);
  }
}
