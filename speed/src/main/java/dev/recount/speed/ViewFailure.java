package dev.recount.speed;

import dev.recount.error.Printable;
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
    String shown = Printable.of(text);
    return new ViewFailure(
        shown.length() > LONGEST_REASON ? start(shown) + "..." : shown, Failures.isOfBroker(e));
  }

  /** The first characters, and no half of one. */
  private static String start(String text) {
    boolean cutsOne = Character.isHighSurrogate(text.charAt(LONGEST_REASON - 1));
    return text.substring(0, cutsOne ? LONGEST_REASON - 1 : LONGEST_REASON);
  }
}
