package dev.recount.core.cases;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;

/**
 * The file that the tests of a view are in.
 *
 * @param file how it is named to its user
 */
public record CaseSource(String view, String file) {
  /** What is wrong at a line; the rest of the file is used all the same. */
  public RecountException wrong(int line, String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.CASE_INVALID,
        "Cannot use the tests of the view '%s': %s, line %s: %s",
        view,
        file,
        line,
        RecountException.message(reason, arguments));
  }
}
