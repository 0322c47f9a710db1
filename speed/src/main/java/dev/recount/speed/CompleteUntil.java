package dev.recount.speed;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Until which arrival everything has become deltas. Samples of (time, end of the log) are taken at
 * short intervals; as soon as the published positions cover a sample, everything that had arrived
 * by its time is published. So the answer moves on while no event comes. Thread-safe.
 */
final class CompleteUntil {
  private record Sample(long timeMs, Positions end) {}

  private final Deque<Sample> waiting = new ArrayDeque<>();
  private Positions published;
  private long completeUntilMs;

  /**
   * @param published what was published before
   */
  CompleteUntil(Positions published) {
    this.published = published;
  }

  /**
   * Notes the end of the log.
   *
   * @param timeMs a moment before the end was read
   */
  synchronized void sample(long timeMs, Positions end) {
    // While the stream is behind, samples that say the same or nearly so need not pile up.
    if (waiting.size() < 1_000) {
      waiting.addLast(new Sample(timeMs, end));
    }
    settle();
  }

  /** Notes that the deltas of all records before the positions are acknowledged. */
  synchronized void published(Positions end) {
    published = end;
    settle();
  }

  private void settle() {
    while (!waiting.isEmpty() && published.covers(waiting.peekFirst().end())) {
      completeUntilMs = Math.max(completeUntilMs, waiting.removeFirst().timeMs());
    }
  }

  /** Every record with arrival before this has become deltas; milliseconds, 0: not yet known. */
  synchronized long completeUntilMs() {
    return completeUntilMs;
  }
}
