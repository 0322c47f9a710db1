package dev.recount.serving.http;

import dev.recount.core.Deadline;
import dev.recount.core.SharedLook;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;

/**
 * A look at how things are that anybody may ask for, without a key: it is taken once a second
 * however many ask, and few of them wait for what does not answer. Thread-safe.
 */
final class HealthLook {
  static final int MOST_WAITING = 8;
  private static final Duration KEEP = Duration.ofSeconds(1);
  private static final Readiness.State UNKNOWN =
      new Readiness.State(Map.of("answered_in_time", false), List.of());

  private final SharedLook<Readiness.State> shared;
  private final Duration patience;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);
  private volatile Readiness.State last = UNKNOWN;

  /**
   * @param patience how long those wait that do
   */
  HealthLook(String name, Callable<Readiness.State> read, Duration patience) {
    this.shared = new SharedLook<>("health-" + name, read, KEEP, System::nanoTime);
    this.patience = patience;
  }

  /** As it is now; as it was last seen if many wait for that already. */
  Readiness.State now() {
    if (!waiting.tryAcquire()) {
      return last;
    }
    try {
      last = shared.now(Deadline.after(patience)).orElse(UNKNOWN);
      return last;
    } finally {
      waiting.release();
    }
  }
}
