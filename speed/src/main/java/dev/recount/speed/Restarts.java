package dev.recount.speed;

import dev.recount.core.Deadline;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps a stream from running, and when it is started again: what fails again and again is
 * tried less and less often.
 */
final class Restarts {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);

  private final String event;
  private volatile RecountException error;
  private volatile String logged;
  private volatile int failures;

  /** Not by the host's clock, which may be set back. */
  private volatile Deadline retry = Deadline.after(Duration.ZERO);

  Restarts(String event) {
    this.event = event;
  }

  /** Says what a failure means, in the log too unless it was the last thing said there. */
  RecountException explain(Throwable e) {
    RecountException reason = Failures.explain(event, e);
    if (!reason.getMessage().equals(logged)) {
      LOG.error("{}: {}", reason.code(), reason.getMessage(), e);
      logged = reason.getMessage();
    }
    return reason;
  }

  /** The stream does not run; each time in a row makes the pause longer. */
  void failed(RecountException reason) {
    error = reason;
    failures++;
    Duration doubled = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, 10) - 1);
    Duration pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    retry = Deadline.after(pause);
  }

  /** A micro-batch has succeeded. */
  void worked() {
    error = null;
    logged = null;
    failures = 0;
  }

  /** Whether the pause is over. */
  boolean isDue() {
    return retry.isExpired();
  }

  /** Empty once a micro-batch has succeeded again. */
  Optional<RecountException> error() {
    return Optional.ofNullable(error);
  }
}
