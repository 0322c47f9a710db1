package dev.recount.ingest.weblog;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a log's transport writes before each line of a web server's log. */
enum LogPrefix {
  /** {@code <134>1 2015-05-17T10:05:03Z web1 nginx 81 - [id key="value"] }. */
  SYSLOG_5424(
      "RFC 5424 syslog prefix",
      "<\\d{1,3}>1 \\S+ \\S+ \\S+ \\S+ \\S+ (?:-|(?:\\[(?:[^\\]\"]|\"(?:[^\"\\\\]|\\\\.)*+\")*+\\])++) \\uFEFF?"),
  /**
   * {@code May 17 10:05:03 web1 nginx[81]: }, also with a priority before, or the time in ISO-8601;
   * the journal writes the same.
   */
  SYSLOG(
      "syslog or journal prefix",
      "(?:<\\d{1,3}>)?(?:[A-Z][a-z]{2} [ \\d]?\\d (?:\\d{4} )?\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?|"
          + Constants.ISO
          + ") (?:\\S+ )?[^\\s:\\[|]+(?:\\[[^\\]\\s]*\\])?: "),
  /** {@code web-1 | }, perhaps in colour, and with the time. */
  COMPOSE(
      "compose prefix",
      "(?:\\x1B\\[[\\d;]*m)?[\\w./-]+ *\\| ?(?:\\x1B\\[[\\d;]*m)?(?:" + Constants.ISO + " )?"),
  /** {@code 2015-05-17T10:05:03.123456789Z stdout F }. */
  CONTAINER("container prefix", Constants.ISO + " std(?:out|err) F "),
  /** {@code 2015-05-17T10:05:03.123456789Z }. */
  TIME("time before each line", Constants.ISO + " ");

  private static final class Constants {
    /** Java's expressions need a stack as deep as what they repeat is long. */
    private static final int LONGEST = 2_000;

    private static final String ISO =
        "\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)?";
  }

  private static final LogPrefix[] ALL = values();

  private final String words;
  private final Pattern pattern;

  LogPrefix(String words, String pattern) {
    this.words = words;
    this.pattern = Pattern.compile(pattern);
  }

  String words() {
    return words;
  }

  /** Where this prefix ends; -1 if the line has it not. */
  int end(String line, int from) {
    Matcher matcher =
        pattern.matcher(line).region(from, Math.min(line.length(), from + Constants.LONGEST));
    return matcher.lookingAt() ? matcher.end() : -1;
  }

  /** The prefix that a line has. */
  static Optional<LogPrefix> of(String line, int from) {
    if (mayHaveOne(line, from)) {
      for (LogPrefix prefix : ALL) {
        if (prefix.end(line, from) >= 0) {
          return Optional.of(prefix);
        }
      }
    }
    return Optional.empty();
  }

  /** Rules most lines without a prefix out, without an expression. */
  private static boolean mayHaveOne(String line, int from) {
    if (line.length() < from + 5) {
      return false;
    }
    char first = line.charAt(from);
    boolean isMonth = first >= 'A' && first <= 'Z' && line.charAt(from + 3) == ' ';
    boolean isYear = line.charAt(from + 4) == '-';
    return first == '<' || first == 0x1B || isMonth || isYear || isBeforeBar(line, from);
  }

  private static boolean isBeforeBar(String line, int from) {
    int at = line.indexOf(' ', from);
    while (at >= 0 && at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    return at > 0 && at < line.length() && line.charAt(at) == '|';
  }
}
