package dev.recount.serving.scalar;

import dev.recount.core.view.StoredText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.sql.QueryErrors;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.PatternSyntaxException;
import org.apache.calcite.sql.SqlNode;

/**
 * Patterns of texts as regular expressions of Java's, which Pinot searches stored texts by. Java
 * tries one way after the other: what can have more ways than a text has characters many times over
 * is written so that it has few, or refused.
 */
final class Patterns {
  /** Any one character as it is stored. */
  private static final String ANY = "(?:\u0001.|[^\u0001])";

  private static final char FIRST_AFTER_SURROGATES = '\uE000';

  private static final int LONGEST_DIFFERENCE = 10_000;

  private Patterns() {}

  /**
   * @param ofLowerCase whether to put the text in lower case, like the pattern
   */
  record Pattern(String regular, boolean ofLowerCase) {}

  /**
   * The pattern of LIKE. Each piece between two {@code %} is matched at its first place, and never
   * looked for again: that is enough, as the last piece alone is bound to an end.
   *
   * @param escape what makes the next character stand for itself
   */
  static Optional<Pattern> like(SqlNode node, Object like, Object escape, boolean anyCase) {
    if (!(like instanceof String text) || !(escape instanceof String mark) || mark.length() != 1) {
      throw QueryErrors.unsupported(node, "it takes a pattern in quotes, ESCAPE one character");
    }
    String lower = anyCase ? text.toLowerCase(Locale.ROOT) : text;
    StringBuilder regular = new StringBuilder("(?s-i)^");
    StringBuilder piece = new StringBuilder();
    boolean isFirst = true;
    for (int i = 0; i < lower.length(); ) {
      int c = lower.codePointAt(i);
      i += Character.charCount(c);
      if (c == mark.charAt(0)) {
        c = escaped(node, lower, i, c);
        i += Character.charCount(c);
        piece.append(literal(c));
      } else if (c == '%') {
        regular.append(isFirst ? piece : "(?>.*?" + piece + ")");
        isFirst = false;
        piece.setLength(0);
      } else {
        piece.append(c == '_' ? ANY : literal(c));
      }
    }
    regular.append(isFirst ? "" : ".*").append(piece).append("\\z");
    return Optional.of(new Pattern(regular.toString().replace("(?>.*?)", ""), anyCase));
  }

  private static int escaped(SqlNode node, String like, int index, int escape) {
    if (index < like.length()) {
      int next = like.codePointAt(index);
      if (next == '%' || next == '_' || next == escape) {
        return next;
      }
    }
    throw QueryErrors.unsupported(
        node,
        "in LIKE, "
            + Character.toString(escape)
            + " must be followed by %, _ or itself; write it twice, or ESCAPE with another"
            + " character");
  }

  private static String literal(int c) {
    String stored = StoredText.of(Character.toString(c));
    return "\\^$.|?*+()[]{}".indexOf(c) >= 0 ? "\\" + stored : stored;
  }

  /**
   * Texts that Pinot, which compares the halves of characters beyond U+FFFF, takes for smaller than
   * a text but are larger by their bytes in UTF-8; or the other way round.
   */
  static String differing(SqlNode node, String text, boolean isLarger) {
    StringBuilder regular = new StringBuilder("(?s-i)\\A(?:(?!)");
    StringBuilder before = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (isLarger && c >= FIRST_AFTER_SURROGATES && c <= Character.MAX_VALUE) {
        regular.append('|').append(before).append("[\\x{10000}-\\x{10FFFF}]");
      } else if (!isLarger && c > Character.MAX_VALUE) {
        regular.append('|').append(before).append("[\\x{E000}-\\x{FFFF}]");
      }
      before.append(literal(c));
      if (regular.length() > LONGEST_DIFFERENCE) {
        throw QueryErrors.unsupported(
            node,
            "the order of so long a text of such characters is not supported; write = or LIKE");
      }
    }
    return regular.append(')').toString();
  }

  /** A regular expression as its user wrote it; empty for NULL. */
  static Optional<Pattern> regular(SqlNode node, Object pattern) {
    if (pattern == null) {
      return Optional.empty();
    }
    if (!(pattern instanceof String text)) {
      throw QueryErrors.unsupported(node, "it takes a regular expression in quotes");
    }
    try {
      java.util.regex.Pattern.compile(text);
    } catch (PatternSyntaxException | StackOverflowError e) {
      throw RecountException.of(
          ErrorCode.QUERY_SYNTAX,
          e,
          "Cannot read the regular expression '%s': %s",
          text,
          reason(e));
    }
    RegularCost.requireSmall(node, text);
    // Pinot takes no notice of the letter case unless the pattern does.
    return Optional.of(new Pattern("(?-i)" + text, false));
  }

  private static String reason(Throwable e) {
    return e instanceof PatternSyntaxException syntax
        ? syntax.getDescription()
        : "it nests too deep";
  }
}
