package dev.recount.serving.request;

import dev.recount.core.Deadline;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Whether the process still takes requests, and how many run. Once it drains, readiness says so, no
 * new request begins, and those that run are waited for. Thread-safe.
 */
public final class Drain {
  private static final Duration POLL = Duration.ofMillis(20);

  private final List<Runnable> enders = new CopyOnWriteArrayList<>();
  private int running;
  private boolean isAnnounced;
  private boolean isClosed;

  /** Has something end by itself when no request begins any more, as a stream without end. */
  public void whenClosed(Runnable ender) {
    enders.add(ender);
  }

  /** Takes {@link #whenClosed} back. */
  public void forget(Runnable ender) {
    enders.remove(ender);
  }

  /** Says that requests should go elsewhere; they are still answered. */
  public synchronized void announce() {
    isAnnounced = true;
  }

  /** Whether requests should go elsewhere. */
  public synchronized boolean isAnnounced() {
    return isAnnounced;
  }

  /**
   * Has no request begin any more, and waits for those that run.
   *
   * @return how many still ran when the time was up
   */
  public int close(Duration limit) {
    synchronized (this) {
      isAnnounced = true;
      isClosed = true;
    }
    enders.forEach(Runnable::run);
    Deadline.after(limit).await(POLL, () -> running() == 0);
    return running();
  }

  /** How many requests run. */
  public synchronized int running() {
    return running;
  }

  /** False if no request may begin; otherwise {@link #leave} follows. */
  synchronized boolean enter() {
    if (isClosed) {
      return false;
    }
    running++;
    return true;
  }

  synchronized void leave() {
    running--;
  }
}
