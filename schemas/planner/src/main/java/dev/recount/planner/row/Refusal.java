package dev.recount.planner.row;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;

/** Says why a view cannot be used, and what to write instead. */
public final class Refusal {
  private final String view;

  public Refusal(String view) {
    this.view = view;
  }

  /** The view asks for something whose parts cannot be added up. */
  public RecountException notMergeable(String expression, String why, String instead) {
    return RecountException.of(
        ErrorCode.VIEW_NOT_MERGEABLE,
        "Cannot merge the view '%s': %s %s; %s",
        view,
        expression,
        why,
        instead);
  }

  public RecountException invalid(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.VIEW_INVALID,
        "Cannot use the view '%s': %s",
        view,
        RecountException.message(reason, arguments));
  }

  public RecountException syntax(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.VIEW_SYNTAX, cause, "Cannot read the SQL of the view '%s': %s", view, reason);
  }

  public RecountException invalid(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.VIEW_INVALID, cause, "Cannot use the view '%s': %s", view, reason);
  }
}
