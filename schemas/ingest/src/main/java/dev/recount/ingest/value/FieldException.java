package dev.recount.ingest.value;

import dev.recount.error.ErrorCode;

/** A field that is wrong; its path grows from the inside out. Carries no stack trace. */
public final class FieldException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String path;
  private final String reason;

  public FieldException(ErrorCode code, String path, String reason) {
    super(null, null, false, false);
    this.code = code;
    this.path = path;
    this.reason = reason;
  }

  /** The same, seen from one level further out: a field's name or {@code [index]}. */
  public FieldException inside(String parent) {
    String separator = path.isEmpty() || path.startsWith("[") ? "" : ".";
    return new FieldException(code, parent + separator + path, reason);
  }

  public ErrorCode code() {
    return code;
  }

  /** What is wrong, without the field's name. */
  public String reason() {
    return path.isEmpty() ? reason : getMessage();
  }

  @Override
  public String getMessage() {
    return "field '" + path.replace("\n", "\\n") + "' " + reason;
  }
}
