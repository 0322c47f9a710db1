package dev.recount.infra.stack;

import java.time.Duration;

/**
 * When a process that died is started again: after a second, and after twice the last pause for
 * each time that it did not live long.
 */
final class RestartPlan {
  /** Who lives so long works; its next death is a new matter. */
  static final Duration LONG_LIFE = Duration.ofMinutes(1);

  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

  private int shortLives;

  /**
   * The pause before it is started again.
   *
   * @param lived from its start until it was found dead
   */
  Duration pauseAfter(Duration lived) {
    shortLives = lived.compareTo(LONG_LIFE) < 0 ? shortLives + 1 : 0;
    // Beyond some 9 doublings the longest pause is reached; more would overflow in the end.
    int doublings = Math.min(Math.max(0, shortLives - 1), 20);
    Duration pause = FIRST_PAUSE.multipliedBy(1L << doublings);
    return pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
  }
}
