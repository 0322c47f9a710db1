package dev.recount.contract.error;

import dev.recount.contract.Utf8Text;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one exception that reaches a user. Its message reads {@code Cannot <verb> <thing>: <reason>},
 * names the value that was found, and says what to do.
 */
public final class RecountException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final transient Map<String, Object> details;

  public RecountException(ErrorCode code, String message) {
    this(code, message, Map.of(), null);
  }

  public RecountException(ErrorCode code, String message, Throwable cause) {
    this(code, message, Map.of(), cause);
  }

  public RecountException(
      ErrorCode code, String message, Map<String, Object> details, Throwable cause) {
    super(printable(message), cause);
    this.code = code;
    this.details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /**
   * The message with every character that a terminal or a log would not show, or take as a command,
   * as an escape: a message shows values that anybody may have written.
   */
  private static String printable(String message) {
    if (message == null || message.chars().allMatch(RecountException::isPrintable)) {
      return message;
    }
    return Utf8Text.escaped(message, RecountException::isPrintable);
  }

  private static boolean isPrintable(int c) {
    if (c < 0x7F) {
      return c >= ' ' || c == '\n' || c == '\t';
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
              Character.FORMAT,
              Character.SURROGATE,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  public ErrorCode code() {
    return code;
  }

  /** Machine-readable facts beside the message; empty where there are none. */
  public Map<String, Object> details() {
    return details == null ? Map.of() : details;
  }
}
