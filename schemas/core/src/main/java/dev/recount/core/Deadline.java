package dev.recount.core;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A moment by which something must have happened; waiting always names what it waits for. */
public final class Deadline {
  private final long endNanos;
  private final Duration total;

  private Deadline(Duration total) {
    this.total = total;
    this.endNanos = System.nanoTime() + total.toNanos();
  }

  public static Deadline after(Duration total) {
    return new Deadline(total);
  }

  public boolean isExpired() {
    return System.nanoTime() - endNanos >= 0;
  }

  /** How much time is left; zero if it is expired. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
  }

  /**
   * Waits until the condition holds, asking every {@code interval}.
   *
   * @return whether it held before the deadline
   * @throws RecountException INTERNAL when the thread is interrupted
   */
  public boolean await(Duration interval, BooleanSupplier condition) {
    while (true) {
      if (condition.getAsBoolean()) {
        return true;
      }
      if (isExpired()) {
        return false;
      }
      wait(interval);
    }
  }

  /** Waits so long, and no longer than until the moment. */
  public void pause(Duration interval) {
    Duration left = remaining();
    wait(interval.compareTo(left) < 0 ? interval : left);
  }

  /** Like {@link #await}, but a missed deadline is a DEADLINE_EXCEEDED error naming the thing. */
  public void require(String thing, Duration interval, BooleanSupplier condition) {
    if (!await(interval, condition)) {
      throw RecountException.of(
          ErrorCode.DEADLINE_EXCEEDED,
          "Cannot wait longer for %s: it did not happen within %s",
          thing,
          total);
    }
  }

  private static void wait(Duration interval) {
    long end = System.nanoTime() + interval.toNanos();
    for (long left = interval.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        throw new RecountException(ErrorCode.INTERNAL, "Cannot wait: the thread was interrupted");
      }
    }
  }
}
