package dev.recount.speed;

import java.io.Serializable;

/**
 * What a view failed with in a task.
 *
 * @param isOfBroker whether it is trouble that a broker may have with any topic
 */
record ViewFailure(String reason, boolean isOfBroker) implements Serializable {
  private static final int LONGEST_REASON = 1_000;

  static ViewFailure of(Throwable e) {
    String text = Failures.isNamed(e) ? e.getMessage() : e.toString();
    return new ViewFailure(
        text.length() > LONGEST_REASON ? text.substring(0, LONGEST_REASON) + "..." : text,
        Failures.isOfBroker(e));
  }
}
