package dev.recount.ingest.source;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;

/** A source that cannot be read. */
public final class Unreadable {
  private Unreadable() {}

  /**
   * @param cause may be null
   */
  public static RecountException because(String source, String reason, Throwable cause) {
    return new RecountException(
        ErrorCode.FILE_NOT_READABLE, "Cannot read '" + source + "': " + reason, cause);
  }
}
