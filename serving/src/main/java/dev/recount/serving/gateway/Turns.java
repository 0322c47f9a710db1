package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.core.config.ServingLimits;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.request.Limits;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * So many queries are asked at a time; the others wait for a short while. How many wait is bounded
 * by the requests that there may be. Thread-safe.
 */
final class Turns {
  private final ServingLimits limits;
  private final Semaphore free;

  Turns(ServingLimits limits) {
    this.limits = limits;
    this.free = new Semaphore(limits.queries(), true);
  }

  /**
   * Takes a turn; {@link #give} follows.
   *
   * @throws RecountException OVERLOADED
   */
  void take(Deadline deadline) {
    Duration left = deadline.remaining();
    Duration most = limits.queue().compareTo(left) < 0 ? limits.queue() : left;
    try {
      if (free.tryAcquire(most.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw Limits.refused(
        ErrorCode.OVERLOADED,
        Math.max(1, limits.queue().toSeconds()),
        "Cannot answer the query: %s queries are being asked (serving.limits.queries), and none"
            + " ended within %s (serving.limits.queue); ask again",
        limits.queries(),
        most);
  }

  void give() {
    free.release();
  }
}
