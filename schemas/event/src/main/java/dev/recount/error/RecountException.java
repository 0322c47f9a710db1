package dev.recount.error;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
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
    super(Printable.of(message), cause);
    this.code = code;
    this.details = Collections.unmodifiableMap(new LinkedHashMap<>(details));
  }

  /**
   * An error whose message is a format as {@link String#format} has it.
   *
   * @param arguments of the format; without any, it is the message itself
   */
  public static RecountException of(ErrorCode code, String format, Object... arguments) {
    return new RecountException(code, message(format, arguments));
  }

  /** The same, with what caused it. */
  public static RecountException of(
      ErrorCode code, Throwable cause, String format, Object... arguments) {
    return new RecountException(code, message(format, arguments), cause);
  }

  /** The message that {@link #of} makes; durations read as {@link DurationText} has them. */
  public static String message(String format, Object... arguments) {
    if (arguments.length == 0) {
      return format;
    }
    Object[] shown =
        Arrays.stream(arguments)
            .map(one -> one instanceof Duration duration ? DurationText.of(duration) : one)
            .toArray();
    return String.format(Locale.ROOT, format, shown);
  }

  public ErrorCode code() {
    return code;
  }

  /** Machine-readable facts beside the message; empty if there are none. */
  public Map<String, Object> details() {
    return details == null ? Map.of() : details;
  }
}
