package dev.recount.batch.run;

import dev.recount.core.catalog.BatchRun;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The wish that a run ends early: it interrupts the run's thread, and is the cause of its end. */
public final class StopSignal {
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

  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);

  private Kind kind;
  private String reason;
  private Thread worker;
  private Runnable cancelJobs = () -> {};
  private boolean isPublished;

  /** From now on a wish interrupts the present thread. */
  synchronized void begin() {
    worker = Thread.currentThread();
    if (kind != null) {
      worker.interrupt();
    }
  }

  /**
   * All that could be published is served: from now on the run is done whatever is wished, unless
   * another process took it for dead.
   */
  public synchronized void published() {
    isPublished = true;
    if (kind != null && kind != Kind.LOST) {
      kind = null;
      Thread.interrupted();
    }
  }

  /** From now on a wish changes nothing. */
  public synchronized void end() {
    worker = null;
    Thread.interrupted();
  }

  /**
   * @param cancel has end what the run's thread waits for
   */
  public synchronized void cancelsBy(Runnable cancel) {
    cancelJobs = cancel;
    if (kind != null) {
      cancelJobs();
    }
  }

  /** The first wish counts. */
  synchronized void request(Kind wished, String why) {
    if (kind != null || isPublished && wished != Kind.LOST) {
      return;
    }
    kind = wished;
    reason = why;
    cancelJobs();
    if (worker != null) {
      worker.interrupt();
    }
  }

  /** Spark refuses it once it is stopped, as it stops itself when the process is told to end. */
  private void cancelJobs() {
    try {
      cancelJobs.run();
    } catch (RuntimeException e) {
      LOG.debug("No jobs to cancel", e);
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
  public synchronized void requireNone() {
    if (kind != null) {
      throw RecountException.of(
          kind == Kind.LOST ? ErrorCode.BATCH_FAILED : ErrorCode.BATCH_CANCELLED,
          "Cannot finish the run: %s; the old answers stay where no new ones are served yet",
          reason);
    }
  }
}
