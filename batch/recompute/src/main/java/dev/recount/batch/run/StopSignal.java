package dev.recount.batch.run;

import dev.recount.core.catalog.BatchRun;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;

/** The wish that a run ends early: it interrupts the run's thread, and is the cause of its end. */
final class StopSignal {
  /** Who wishes it decides how the run is remembered. */
  enum Kind {
    /** Somebody asked for it: what the run should have computed is not asked for again. */
    CANCELLED,
    /** The process is told to end: what the run should have computed is still due. */
    ENDING,
    /** Another process took the run for dead. */
    LOST;

    String status() {
      return this == LOST ? BatchRun.FAILED : BatchRun.CANCELLED;
    }
  }

  private Kind kind;
  private String reason;
  private Thread worker;
  private Runnable cancelJobs = () -> {};

  /** From now on a wish interrupts the present thread. */
  synchronized void begin() {
    worker = Thread.currentThread();
    if (kind != null) {
      worker.interrupt();
    }
  }

  /** From now on a wish changes nothing. */
  synchronized void end() {
    worker = null;
    Thread.interrupted();
  }

  /**
   * @param cancel has end what the run's thread waits for
   */
  synchronized void cancelsBy(Runnable cancel) {
    cancelJobs = cancel;
    if (kind != null) {
      cancel.run();
    }
  }

  /** The first wish counts. */
  synchronized void request(Kind wished, String why) {
    if (kind != null) {
      return;
    }
    kind = wished;
    reason = why;
    cancelJobs.run();
    if (worker != null) {
      worker.interrupt();
    }
  }

  /** Null if there is none. */
  synchronized Kind kind() {
    return kind;
  }

  synchronized String reason() {
    return reason;
  }

  /**
   * @throws RecountException BATCH_CANCELLED, or BATCH_FAILED if the run was lost
   */
  synchronized void requireNone() {
    if (kind != null) {
      throw RecountException.of(
          kind == Kind.LOST ? ErrorCode.BATCH_FAILED : ErrorCode.BATCH_CANCELLED,
          "Cannot finish the run: %s; the old answers stay",
          reason);
    }
  }
}
