package dev.recount.error;

/** Who has to act on an error; the HTTP status and the exit code of a command follow from it. */
public enum ErrorKind {
  /** The request is wrong; sending it again unchanged fails again. */
  USER(400, 2),
  /** A system that Recount depends on does not answer or answers wrongly; trying later may help. */
  EXTERNAL(503, 3),
  /** A limit was reached: memory, rows, time. */
  RESOURCES(503, 4),
  /** A defect of Recount. */
  INTERNAL(500, 5);

  private final int httpStatus;
  private final int exitCode;

  ErrorKind(int httpStatus, int exitCode) {
    this.httpStatus = httpStatus;
    this.exitCode = exitCode;
  }

  public int httpStatus() {
    return httpStatus;
  }

  public int exitCode() {
    return exitCode;
  }
}
