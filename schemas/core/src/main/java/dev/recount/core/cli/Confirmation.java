package dev.recount.core.cli;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Locale;

/** Asks the person at the terminal before something goes for good. */
public final class Confirmation {
  private Confirmation() {}

  /**
   * Called before the work that leads to the question.
   *
   * @param isGiven whether the options answer it already
   * @param deed what would be done, such as {@code to erase}
   * @throws RecountException USAGE if nobody can be asked
   */
  public static void requireAnswer(boolean isGiven, String deed) {
    if (!isGiven && System.console() == null) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot ask whether %s: there is no terminal; add --yes, or --dry-run to look",
          deed);
    }
  }

  /** Whether the answer is yes; without one it is no. */
  public static boolean isMeant(String question) {
    String answer = System.console().readLine("%s [y/N] ", question);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }
}
