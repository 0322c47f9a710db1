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
    return RecountException.of(
        ErrorCode.FILE_NOT_READABLE, cause, "Cannot read '%s': %s", source, reason);
  }
}
