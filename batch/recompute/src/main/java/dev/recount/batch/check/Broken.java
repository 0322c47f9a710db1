package dev.recount.batch.check;

import dev.recount.core.cases.Assertion;

/**
 * An assertion that does not hold.
 *
 * @param reason how many rows break it, and some of them
 */
public record Broken(Assertion assertion, String reason) {
  /** For people. */
  public String text() {
    return "'" + assertion.name() + "': " + reason;
  }
}
