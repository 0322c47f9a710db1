package dev.recount.ingest.weblog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Tells of a regular expression which words a text needs to hold, at least one of them, for it to
 * be found. To look for words is many times faster than to try the expression. If nothing certain
 * can be said of an expression, every text may match it.
 */
final class RequiredWords {
  private static final int SHORTEST = 2;

  /** One of which a text needs, in small letters; null if no word is sure. */
  private final List<String> words;

  private RequiredWords(List<String> words) {
    this.words = words;
  }

  static RequiredWords of(String expression) {
    try {
      return new RequiredWords(new Reader(expression).read());
    } catch (StringIndexOutOfBoundsException | NumberFormatException e) {
      // Not written as this reader knows expressions.
      return new RequiredWords(null);
    }
  }

  /**
   * @param text in small letters
   */
  boolean mayFit(String text) {
    if (words == null) {
      return true;
    }
    for (String word : words) {
      if (text.contains(word)) {
        return true;
      }
    }
    return false;
  }

  /** Goes through an expression once, from left to right. */
  private static final class Reader {
    private final String expression;
    private int at;

    Reader(String expression) {
      this.expression = expression;
    }

    List<String> read() {
      List<String> all = alternatives();
      return at == expression.length() ? all : null;
    }

    /** Every branch needs its own word, or none is certain. */
    private List<String> alternatives() {
      List<String> all = new ArrayList<>();
      boolean isSure = true;
      do {
        List<String> branch = sequence();
        isSure &= branch != null;
        if (branch != null) {
          all.addAll(branch);
        }
      } while (takes('|'));
      return isSure ? all : null;
    }

    /** All parts are needed; the one whose shortest word is longest says most. */
    private List<String> sequence() {
      List<String> best = null;
      StringBuilder run = new StringBuilder();
      while (at < expression.length() && "|)".indexOf(expression.charAt(at)) < 0) {
        int before = run.length();
        List<String> part = part(run);
        if (part != null || run.length() == before) {
          best = better(best, run.substring(0, before));
          run.setLength(0);
        }
        int least = least();
        if (least >= 0) {
          // What may be left out is not a word; what is repeated ends one.
          String word = least == 0 && run.length() > 0 ? run.substring(0, before) : run.toString();
          best = better(best, word);
          run.setLength(0);
        }
        best = least == 0 ? best : better(best, part);
      }
      return better(best, run.toString());
    }

    /** Reads a character, class or group; a plain character goes to the run. */
    private List<String> part(StringBuilder run) {
      char c = expression.charAt(at++);
      switch (c) {
        case '(':
          return group();
        case '[':
          skipClass();
          return null;
        case '.', '^', '$':
          return null;
        case '\\':
          char escaped = expression.charAt(at++);
          if (Character.isLetterOrDigit(escaped)) {
            if ("dDwWsSbB".indexOf(escaped) < 0) {
              throw new NumberFormatException("escape");
            }
            return null;
          }
          run.append(escaped);
          return null;
        default:
          run.append(c);
          return null;
      }
    }

    private List<String> group() {
      boolean isPlain = true;
      if (takes('?')) {
        isPlain = takes(':');
        if (!isPlain && "=!".indexOf(expression.charAt(at)) < 0) {
          throw new NumberFormatException("group");
        }
      }
      List<String> inside = alternatives();
      if (!takes(')')) {
        throw new NumberFormatException("open group");
      }
      return isPlain ? inside : null;
    }

    private void skipClass() {
      takes('^');
      takes(']');
      while (expression.charAt(at) != ']') {
        at += expression.charAt(at) == '\\' ? 2 : 1;
      }
      at++;
    }

    /** How often the part before is there at least; -1 if nothing says so. */
    private int least() {
      if (at == expression.length()) {
        return -1;
      }
      int least = -1;
      switch (expression.charAt(at)) {
        case '?', '*':
          at++;
          least = 0;
          break;
        case '+':
          at++;
          least = 1;
          break;
        case '{':
          int end = expression.indexOf('}', at);
          least = Integer.parseInt(expression.substring(at + 1, end).split(",")[0]);
          at = end + 1;
          break;
        default:
          return -1;
      }
      if (!takes('?')) {
        takes('+');
      }
      return least;
    }

    private boolean takes(char c) {
      if (at < expression.length() && expression.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private static List<String> better(List<String> best, String word) {
      return better(best, word.length() < SHORTEST ? null : List.of(word.toLowerCase(Locale.ROOT)));
    }

    private static List<String> better(List<String> one, List<String> other) {
      if (one == null || other == null) {
        return one == null ? other : one;
      }
      return shortest(other) > shortest(one) ? other : one;
    }

    private static int shortest(List<String> words) {
      return words.stream().mapToInt(String::length).min().orElse(0);
    }
  }
}
