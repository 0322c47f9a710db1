package dev.recount.serving.http;

import dev.recount.core.Deadline;
import dev.recount.core.SharedLook;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/**
 * A look at how things are that anybody may ask for, without a key: it is taken once a second
 * however many ask, and few of them wait for what does not answer. Thread-safe.
 */
final class HealthLook<T> {
  static final int MOST_WAITING = 8;
  private static final Duration KEEP = Duration.ofSeconds(1);

  private final SharedLook<T> shared;
  private final Duration patience;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);
  private final T unknown;
  private volatile T last;

  /**
   * @param unknown what is so if it cannot be read in time
   * @param patience how long those wait that do
   */
  HealthLook(String name, Callable<T> read, T unknown, Duration patience) {
    this.unknown = unknown;
    this.last = unknown;
    this.shared = new SharedLook<>("health-" + name, read, KEEP, System::nanoTime);
    this.patience = patience;
  }

  /** As it is now; as it was last seen if many wait for that already. */
  T now() {
    if (!waiting.tryAcquire()) {
      return last;
    }
    try {
      last = shared.now(Deadline.after(patience)).orElse(unknown);
      return last;
    } finally {
      waiting.release();
    }
  }
}
