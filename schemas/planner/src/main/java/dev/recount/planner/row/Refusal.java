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
    return new RecountException(
        ErrorCode.VIEW_NOT_MERGEABLE,
        "Cannot merge the view '" + view + "': " + expression + " " + why + "; " + instead);
  }

  public RecountException invalid(String reason) {
    return new RecountException(
        ErrorCode.VIEW_INVALID, "Cannot use the view '" + view + "': " + reason);
  }

  public RecountException syntax(String reason, Throwable cause) {
    return new RecountException(
        ErrorCode.VIEW_SYNTAX, "Cannot read the SQL of the view '" + view + "': " + reason, cause);
  }

  public RecountException invalid(String reason, Throwable cause) {
    return new RecountException(
        ErrorCode.VIEW_INVALID, "Cannot use the view '" + view + "': " + reason, cause);
  }
}
