package dev.recount.error;

import java.util.HexFormat;
import java.util.function.IntPredicate;

/** Texts as a terminal or a log may show them. */
public final class Printable {
  private Printable() {}

  /**
   * The message with every character that a terminal or a log would not show, or take as a command,
   * as an escape: a message shows values that anybody may have written.
   */
  public static String of(String message) {
    if (message == null || message.chars().allMatch(Printable::isShown)) {
      return message;
    }
    return escaped(message, Printable::isShown);
  }

  private static boolean isShown(int c) {
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

  /**
   * A text with each lone half of a surrogate pair, and each character that is not to be shown,
   * written as a backslash, a u and four digits.
   */
  public static String escaped(String text, IntPredicate isShown) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (Character.isHighSurrogate(c)
          && at + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(at + 1))) {
        escaped.append(c).append(text.charAt(++at));
      } else if (!Character.isSurrogate(c) && isShown.test(c)) {
        escaped.append(c);
      } else {
        escaped.append("\\u").append(HexFormat.of().toHexDigits(c));
      }
    }
    return escaped.toString();
  }
}
