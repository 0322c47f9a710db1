package dev.recount.core.view;

import java.time.Instant;

/**
 * A range of time.
 *
 * @param fromMs its first millisecond
 * @param beforeMs the first one after it
 */
public record TimeRange(long fromMs, long beforeMs) {
  /** Whether the two have a moment in common. */
  public boolean meets(TimeRange other) {
    return fromMs < other.beforeMs && other.fromMs < beforeMs;
  }

  /** The same with so much more at either end. */
  public TimeRange widened(long millis) {
    return new TimeRange(fromMs - millis, beforeMs + millis);
  }

  @Override
  public String toString() {
    return Instant.ofEpochMilli(fromMs) + " to before " + Instant.ofEpochMilli(beforeMs);
  }
}
