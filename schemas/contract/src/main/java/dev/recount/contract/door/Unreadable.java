package dev.recount.contract.door;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;

/** A source that cannot be read. */
final class Unreadable {
  private Unreadable() {}

  /**
   * @param cause may be null
   */
  static RecountException because(String source, String reason, Throwable cause) {
    return new RecountException(
        ErrorCode.FILE_NOT_READABLE, "Cannot read '" + source + "': " + reason, cause);
  }
}
