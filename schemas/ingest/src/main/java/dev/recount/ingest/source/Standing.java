package dev.recount.ingest.source;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Up to where the records of a source are in. A record's number is its line's, or of what has no
 * lines its place; see {@link LineChunk}. Thread-safe.
 */
public final class Standing {
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
  public void given(long following) {
    next = Math.max(from, following);
  }

  /** A record is not certainly kept, as an event or as a dead letter. */
  public void missing(long number) {
    firstMissing.accumulateAndGet(number, Math::min);
  }

  /** All of the source has been given to be sent. */
  void read() {
    isRead = true;
  }

  /** Whether every record is in. */
  public boolean isDone() {
    return isRead && !hasMissing();
  }

  /** Whether records are missing before others that are in. */
  public boolean hasMissing() {
    return firstMissing.get() < Long.MAX_VALUE;
  }

  /** Whether anything of it has been given to be sent. */
  public boolean isBegun() {
    return next > from;
  }

  /** All records before this number are in. */
  public long firstNotIn() {
    return Math.max(from, Math.min(firstMissing.get(), next));
  }
}
