package dev.recount.speed;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets one in at a time. Once it is closed, nobody waits at it for long. */
final class Gate {
  /** How long one that waits does not see that the gate was closed. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Semaphore permit = new Semaphore(1);
  private volatile boolean isClosed;

  /**
   * Waits until nobody else is inside.
   *
   * @throws InterruptedException also if the gate is closed: Spark interrupts a query once when it
   *     stops, and whatever that was doing may have taken the interrupt for its own
   */
  void enter() throws InterruptedException {
    while (!permit.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      if (isClosed) {
        throw new InterruptedException("it is closed");
      }
    }
  }

  /** Enters if nobody is inside. */
  boolean tryEnter() {
    return permit.tryAcquire();
  }

  /** Enters if whoever is inside leaves in time. */
  boolean tryEnter(Duration patience) throws InterruptedException {
    return permit.tryAcquire(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  void leave() {
    permit.release();
  }

  /** Has those give up who wait, now or later. */
  void close() {
    isClosed = true;
  }
}
