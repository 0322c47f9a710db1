package dev.recount.serving.scalar;

import dev.recount.serving.answer.Group;
import dev.recount.serving.sql.QueryErrors;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.calcite.sql.SqlNode;

/**
 * How many ways a regular expression may have to match a text. Java tries them one after the other:
 * repetitions inside a repetition have more ways than can be tried, and each further repetition
 * beside others multiplies them by the length of the text.
 */
final class RegularCost {
  /** Repetitions without an upper bound beside each other. */
  static final int MOST_REPETITIONS = 4;

  /** A repetition of more counts as one without an upper bound. */
  private static final int LARGEST_BOUND = 100;

  /** How often what itself repeats or chooses may be repeated. */
  private static final int MOST_OF_COMPOSED = 10;

  private static final int LONGEST = 1_000;

  /** Escapes whose name or number may be in braces, as in \\p{L}. */
  private static final String NAMED = "pPxN";

  private final SqlNode node;
  private final String pattern;
  private final Deque<Group> open = new ArrayDeque<>();
  private int position;
  private int repetitions;

  /** What is in a group so far, or in the last one that was closed. */
  private static final class Group {
    private boolean repeats;
    private boolean chooses;
    private int unbounded;
  }

  private RegularCost(SqlNode node, String pattern) {
    this.node = node;
    this.pattern = pattern;
  }

  /** Refuses what may take Java for ever; the pattern is one that Java reads. */
  static void requireSmall(SqlNode node, String pattern) {
    if (pattern.length() > LONGEST) {
      throw QueryErrors.unsupported(
          node, "a regular expression has at most " + LONGEST + " characters");
    }
    new RegularCost(node, pattern).read();
  }

  private void read() {
    open.push(new Group());
    Group last = null;
    while (position < pattern.length()) {
      char c = pattern.charAt(position);
      switch (c) {
        case '\\' -> {
          escape();
          last = new Group();
        }
        case '[' -> {
          characters();
          last = new Group();
        }
        case '(' -> {
          position++;
          open.push(new Group());
          last = null;
          prefix();
        }
        case ')' -> {
          position++;
          last = closed();
          open.peek().repeats |= last.repeats;
          open.peek().chooses |= last.chooses;
          open.peek().unbounded += last.unbounded;
        }
        case '|' -> {
          position++;
          open.peek().chooses = true;
          last = null;
        }
        case '*', '+', '?', '{' -> repeat(last);
        default -> {
          position += 1;
          last = new Group();
        }
      }
    }
  }

  private Group closed() {
    if (open.size() == 1) {
      throw QueryErrors.unsupported(node, "its groups cannot be recognized; write it more simply");
    }
    return open.pop();
  }

  /** A reference to what a group matched makes Java try what it would not else. */
  private void escape() {
    char next = position + 1 < pattern.length() ? pattern.charAt(position + 1) : ' ';
    if (next >= '1' && next <= '9' || next == 'k') {
      throw QueryErrors.unsupported(node, "references to groups are not supported");
    }
    if (next == 'Q') {
      int end = pattern.indexOf("\\E", position);
      position = end < 0 ? pattern.length() : end + 2;
      return;
    }
    position += 2;
    if (NAMED.indexOf(next) >= 0 && pattern.startsWith("{", position)) {
      position = pattern.indexOf('}', position) + 1;
    }
  }

  /** To the end of a class of characters, which may hold others. */
  private void characters() {
    int depth = 0;
    do {
      char c = pattern.charAt(position);
      if (c == '\\') {
        position++;
      } else if (c == '[') {
        depth++;
        // A bracket that comes first stands for itself.
        int first = pattern.startsWith("^", position + 1) ? position + 2 : position + 1;
        position = pattern.startsWith("]", first) ? first : position;
      } else if (c == ']') {
        depth--;
      }
      position++;
    } while (depth > 0 && position < pattern.length());
  }

  /** What may be after the parenthesis of a group. */
  private void prefix() {
    if (!pattern.startsWith("?", position)) {
      return;
    }
    position++;
    while (position < pattern.length()
        && ":=!<>-".indexOf(pattern.charAt(position)) < 0
        && pattern.charAt(position) != ')') {
      if (pattern.charAt(position) == 'x') {
        throw QueryErrors.unsupported(node, "comments in it, by (?x), are not supported");
      }
      position++;
    }
    while (position < pattern.length() && ":=!<>-".indexOf(pattern.charAt(position)) >= 0) {
      position++;
    }
  }

  private void repeat(Group repeated) {
    int most = most();
    boolean isComposed = repeated != null && (repeated.repeats || repeated.chooses);
    if (isComposed && most > MOST_OF_COMPOSED) {
      throw QueryErrors.unsupported(
          node,
          "it repeats a part that itself repeats or has alternatives, which can take for ever;"
              + " write a class of characters, such as [ab]+, or repeat a fixed text");
    }
    int inside = repeated == null ? 0 : repeated.unbounded;
    int more = most > LARGEST_BOUND ? 1 : inside * (most - 1);
    open.peek().unbounded += more;
    open.peek().repeats |= most != 1;
    repetitions += more;
    if (repetitions > MOST_REPETITIONS) {
      throw QueryErrors.unsupported(
          node,
          "it has more than "
              + MOST_REPETITIONS
              + " repetitions, which can take for ever; write LIKE, or several conditions");
    }
  }

  /** How often the repetition at the position repeats at most; continues behind it. */
  private int most() {
    char c = pattern.charAt(position);
    int end = c == '{' ? pattern.indexOf('}', position) + 1 : position + 1;
    String bounds = pattern.substring(position, end);
    position = end;
    if (position < pattern.length() && "?+".indexOf(pattern.charAt(position)) >= 0) {
      position++;
    }
    if (c == '?') {
      return 0;
    }
    String last = bounds.substring(Math.max(1, bounds.indexOf(',') + 1)).replace("}", "").strip();
    boolean isBounded = c == '{' && last.matches("\\d{1,3}");
    return isBounded ? Integer.parseInt(last) : Integer.MAX_VALUE;
  }
}
