package dev.recount.contract.door;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Up to where the records of a source are in. A record's number is its line's, or of what has no
 * lines its place; see {@link LineChunk}. Thread-safe.
 */
final class Standing {
  private final long from;
  private final AtomicLong firstMissing = new AtomicLong(Long.MAX_VALUE);
  private volatile long next;
  private volatile boolean isRead;

  /**
   * @param from the number of the first record that is wanted
   */
  Standing(long from) {
    this.from = from;
    this.next = from;
  }

  boolean isWanted(long number) {
    return number >= from;
  }

  /** Everything before a number has been given to be sent. */
  void given(long following) {
    next = Math.max(from, following);
  }

  /** A record is not certainly kept, as an event or as a dead letter. */
  void missing(long number) {
    firstMissing.accumulateAndGet(number, Math::min);
  }

  /** All of the source has been given to be sent. */
  void read() {
    isRead = true;
  }

  /** Whether every record is in. */
  boolean isDone() {
    return isRead && !hasMissing();
  }

  /** Whether records are missing before others that are in. */
  boolean hasMissing() {
    return firstMissing.get() < Long.MAX_VALUE;
  }

  /** Whether anything of it has been given to be sent. */
  boolean isBegun() {
    return next > from;
  }

  /** All records before this number are in. */
  long firstNotIn() {
    return Math.max(from, Math.min(firstMissing.get(), next));
  }
}
