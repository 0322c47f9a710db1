package dev.recount.serving.gateway;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Unsettled;
import java.time.Duration;
import java.util.Map;

/** Asks again, a few times, what Pinot is not settled enough to answer. */
final class Attempts {
  /** How long a swap or a new segment may take before something must be missing. */
  private static final Duration SETTLE = Duration.ofSeconds(8);

  /** A swap or a new segment is settled within some tens of milliseconds, mostly. */
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private Attempts() {}

  /** One attempt at an answer. */
  interface Attempt<T> {
    T answer() throws Unsettled;
  }

  /**
   * The first answer; between the attempts are pauses that grow.
   *
   * @throws RecountException ANSWER_INCOMPLETE if there is none in time
   */
  static <T> T answer(Deadline settle, Attempt<T> attempt) {
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return attempt.answer();
      } catch (Unsettled e) {
        if (settle.isExpired()) {
          throw incomplete(e.getMessage());
        }
      }
      settle.pause(pause);
      Duration doubled = pause.multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
  }

  /** How long an answer is asked for again; the last attempt has time for its own questions. */
  static Duration settle(Duration timeout) {
    Duration most = timeout.multipliedBy(4).dividedBy(5);
    return SETTLE.compareTo(most) < 0 ? SETTLE : most;
  }

  /**
   * How long the speed layer may take to say for the first time what it has counted. After that
   * there is time left for an answer that says so.
   */
  static Duration firstWord(Duration timeout) {
    return settle(timeout).multipliedBy(3).dividedBy(4);
  }

  static RecountException incomplete(String reason) {
    return new RecountException(
        ErrorCode.ANSWER_INCOMPLETE,
        "Cannot answer in full: " + reason + "; see recount status, and ask again",
        Map.of("reason", reason),
        null);
  }
}
