package dev.recount.ingest.weblog;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.text.Utf8Text;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.text.ParsePosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;

/** Walks through one line of a web server's log. Not thread-safe. */
public final class LogCursor {
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  private static final int TIME_LENGTH = "17/May/2015:10:05:03 +0000".length();

  private final String format;
  private String line = "";
  private int at;
  // Nearly every line has the date of the line before.
  private String lastDate = "";
  private long lastEpochDay;

  /**
   * @param format how lines are read, for errors
   */
  LogCursor(String format) {
    this.format = format;
  }

  void start(String newLine, int from) {
    line = newLine;
    at = from;
  }

  int at() {
    return at;
  }

  boolean isAtEnd() {
    return at >= line.length();
  }

  boolean isAt(String text) {
    return line.startsWith(text, at);
  }

  /** What is before a text, which is skipped too. */
  String before(String text, String expected) {
    int from = at;
    skipTo(text, expected);
    return line.substring(from, at - text.length());
  }

  /** What is left of the line. */
  String rest() {
    String rest = line.substring(Math.min(at, line.length()));
    at = line.length();
    return rest;
  }

  /** What is before the next space. */
  String word(String expected) {
    int end = line.indexOf(' ', at);
    if (end <= at) {
      throw malformed(expected + " and a space", at);
    }
    String word = line.substring(at, end);
    at = end;
    return word;
  }

  void skipTo(String text, String expected) {
    int found = line.indexOf(text, at);
    if (found < 0) {
      throw malformed(expected, at);
    }
    at = found + text.length();
  }

  /** A blank and a bracket are before the time, and may be before something else earlier. */
  void skipToTime() {
    at = timeIn(line, at);
    skipTo(" [", "' [' before the time");
  }

  /** Where the blank and the bracket before the time are, or what may be meant for them. */
  static int timeIn(String line, int from) {
    int first = line.indexOf(" [", from);
    int found = first;
    while (found >= 0 && !(line.startsWith("/", found + 4) && line.startsWith("/", found + 8))) {
      found = line.indexOf(" [", found + 1);
    }
    return found >= 0 ? found : Math.max(first, from);
  }

  void expect(String text, String expected) {
    if (!line.startsWith(text, at)) {
      throw malformed(expected, at);
    }
    at += text.length();
  }

  void endOrSpace() {
    if (at < line.length() && line.charAt(at) != ' ') {
      throw malformed("the end of the line", at);
    }
  }

  /** A whole number; null for {@code -}. */
  Long number(String expected) {
    int from = at;
    if (line.startsWith("-", at)) {
      at++;
      return null;
    }
    long value = 0;
    while (at < line.length() && isDigit(line.charAt(at)) && at - from < 18) {
      value = value * 10 + (line.charAt(at++) - '0');
    }
    if (at == from || at < line.length() && isDigit(line.charAt(at))) {
      throw malformed(expected + " or '-'", from);
    }
    return value;
  }

  /** Milliseconds since the epoch out of {@code 17/May/2015:10:05:03 +0000}. */
  long time() {
    int from = at;
    if (line.length() < from + TIME_LENGTH
        || line.charAt(from + 11) != ':'
        || line.charAt(from + 14) != ':'
        || line.charAt(from + 17) != ':'
        || line.charAt(from + 20) != ' ') {
      throw badTime(from);
    }
    long day = epochDay(from);
    int seconds = digits(from + 12, 23) * 3600 + digits(from + 15, 59) * 60 + digits(from + 18, 60);
    int offset = digits(from + 22, 18) * 3600 + digits(from + 24, 59) * 60;
    char sign = line.charAt(from + 21);
    if (sign != '+' && sign != '-') {
      throw badTime(from);
    }
    at = from + TIME_LENGTH;
    return (day * 86_400 + seconds - (sign == '-' ? -offset : offset)) * 1_000;
  }

  /** Milliseconds since the epoch out of a time that is written in another way. */
  long time(DateTimeFormatter written, String expected) {
    ParsePosition position = new ParsePosition(at);
    try {
      long millis = Instant.from(written.parse(line, position)).toEpochMilli();
      at = position.getIndex();
      return millis;
    } catch (DateTimeException | ArithmeticException | IndexOutOfBoundsException e) {
      throw malformed(expected, at);
    }
  }

  private long epochDay(int from) {
    if (!lastDate.isEmpty() && line.startsWith(lastDate, from)) {
      return lastEpochDay;
    }
    int month = MONTHS.indexOf(line.substring(from + 3, from + 6));
    if (line.charAt(from + 2) != '/' || line.charAt(from + 6) != '/' || month % 3 != 0) {
      throw badTime(from);
    }
    try {
      int year = digits(from + 7, 99) * 100 + digits(from + 9, 99);
      lastEpochDay = LocalDate.of(year, month / 3 + 1, digits(from, 31)).toEpochDay();
    } catch (DateTimeException e) {
      throw badTime(from);
    }
    lastDate = line.substring(from, from + 11);
    return lastEpochDay;
  }

  private int digits(int position, int most) {
    char tens = line.charAt(position);
    char ones = line.charAt(position + 1);
    int value = (tens - '0') * 10 + (ones - '0');
    if (!isDigit(tens) || !isDigit(ones) || value > most) {
      throw badTime(position);
    }
    return value;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** What is between quotes, its escapes undone. */
  String quoted(String what) {
    expect("\"", "'\"' before " + what);
    String text = toQuote(what);
    at++;
    return text;
  }

  /** What is before the next quote, its escapes undone. */
  String toQuote(String what) {
    int from = at;
    boolean isEscaped = false;
    for (int end = from; end < line.length(); end++) {
      char c = line.charAt(end);
      if (c == '"') {
        at = end;
        String text = line.substring(from, end);
        return isEscaped ? unescaped(text) : text;
      }
      if (c == '\\') {
        isEscaped = true;
        end++;
      }
    }
    throw malformed("'\"' after " + what, line.length());
  }

  /**
   * Undoes {@code \" \\ \n \t \r \b \v \f \xHH}, the last being bytes of UTF-8, or else of Latin-1.
   */
  public static String unescaped(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    int from = 0;
    for (int at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
      bytes.writeBytes(text.substring(from, at).getBytes(StandardCharsets.UTF_8));
      char c = at + 1 < text.length() ? text.charAt(at + 1) : 0;
      int simple = "\"\\ntrbvf".indexOf(c);
      int value = c == 'x' ? hexadecimal(text, at + 2) : -1;
      from = at + 2;
      if (value >= 0) {
        bytes.write(value);
        from = at + 4;
      } else if (c != 0 && simple >= 0) {
        bytes.write("\"\\\n\t\r\b\u000B\f".charAt(simple));
      } else {
        bytes.write('\\');
        from = at + 1;
      }
    }
    bytes.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
    return Utf8Text.readOrLatin1(bytes.toByteArray());
  }

  private static int hexadecimal(String text, int position) {
    if (position + 2 > text.length()) {
      return -1;
    }
    int high = Character.digit(text.charAt(position), 16);
    int low = Character.digit(text.charAt(position + 1), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  private RecountException badTime(int position) {
    return malformed("a time such as 17/May/2015:10:05:03 +0000", position);
  }

  /**
   * @param position counted from 0
   */
  RecountException malformed(String expected, int position) {
    String rest = line.substring(Math.min(position, line.length()));
    String found =
        rest.isEmpty()
            ? "the end of the line"
            : "'" + shown(rest.length() > 40 ? rest.substring(0, 40) + "..." : rest) + "'";
    return RecountException.of(
        ErrorCode.EVENT_MALFORMED,
        "Cannot read the log line as %s: expected %s in column %s, found %s",
        format,
        expected,
        position + 1,
        found);
  }

  /** Without invisible characters. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    for (char c : text.toCharArray()) {
      shown.append(Character.isISOControl(c) ? String.format("\\x%02x", (int) c) : "" + c);
    }
    return shown.toString();
  }
}
