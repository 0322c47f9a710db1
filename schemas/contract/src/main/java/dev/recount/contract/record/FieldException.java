package dev.recount.contract.record;

import dev.recount.contract.error.ErrorCode;

/** A field that is wrong; its path grows from the inside out. Carries no stack trace. */
final class FieldException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String path;
  private final String reason;

  FieldException(ErrorCode code, String path, String reason) {
    super(null, null, false, false);
    this.code = code;
    this.path = path;
    this.reason = reason;
  }

  /** The same, seen from one level further out: a field's name or {@code [index]}. */
  FieldException inside(String parent) {
    String separator = path.isEmpty() || path.startsWith("[") ? "" : ".";
    return new FieldException(code, parent + separator + path, reason);
  }

  ErrorCode code() {
    return code;
  }

  /** What is wrong, without the field's name. */
  String reason() {
    return path.isEmpty() ? reason : getMessage();
  }

  @Override
  public String getMessage() {
    return "field '" + path.replace("\n", "\\n") + "' " + reason;
  }
}
