package dev.recount.core.cli;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The options of a command after which something is gone for good: it asks, unless told. */
public final class Confirmation {
  @Option(names = "--dry-run", description = "Only say what would go.")
  private boolean dryRun;

  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  public boolean isDryRun() {
    return dryRun;
  }

  /**
   * Called before the work that leads to the question.
   *
   * @param deed what would be done, such as {@code to erase}
   * @throws RecountException USAGE if nobody can be asked
   */
  public void requireAnswer(String deed) {
    if (!dryRun && !yes && System.console() == null) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot ask whether %s: there is no terminal; add --yes, or --dry-run to look",
          deed);
    }
  }

  /** Whether it is to be done; a question without an answer means no. */
  public boolean isMeant(String question) {
    if (dryRun || yes) {
      return !dryRun;
    }
    String answer = System.console().readLine("%s [y/N] ", question);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }
}
