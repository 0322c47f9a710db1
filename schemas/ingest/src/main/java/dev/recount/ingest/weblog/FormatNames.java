package dev.recount.ingest.weblog;

import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;
import java.util.Map;

/** The names that Apache and nginx have for the parts of a line. */
final class FormatNames {
  private static final Map<String, FormatPart> NGINX_PARTS =
      Map.ofEntries(
          Map.entry("remote_addr", FormatPart.HOST),
          Map.entry("http_x_forwarded_for", FormatPart.FORWARDED),
          Map.entry("proxy_add_x_forwarded_for", FormatPart.FORWARDED),
          Map.entry("time_local", FormatPart.TIME),
          Map.entry("time_iso8601", FormatPart.ISO_TIME),
          Map.entry("msec", FormatPart.SECONDS),
          Map.entry("request", FormatPart.REQUEST),
          Map.entry("request_method", FormatPart.METHOD),
          Map.entry("request_uri", FormatPart.URI),
          Map.entry("uri", FormatPart.PATH),
          Map.entry("document_uri", FormatPart.PATH),
          Map.entry("args", FormatPart.QUERY),
          Map.entry("query_string", FormatPart.QUERY),
          Map.entry("status", FormatPart.STATUS),
          Map.entry("body_bytes_sent", FormatPart.BYTES),
          Map.entry("bytes_sent", FormatPart.SENT),
          Map.entry("http_referer", FormatPart.REFERRER),
          Map.entry("http_user_agent", FormatPart.AGENT));

  private static final Map<String, FormatPart> APACHE_PARTS =
      Map.ofEntries(
          Map.entry("h", FormatPart.HOST),
          Map.entry("a", FormatPart.HOST),
          Map.entry("t", FormatPart.TIME),
          Map.entry("r", FormatPart.REQUEST),
          Map.entry("m", FormatPart.METHOD),
          Map.entry("U", FormatPart.PATH),
          Map.entry("q", FormatPart.QUERY),
          Map.entry("s", FormatPart.STATUS),
          Map.entry("b", FormatPart.BYTES),
          Map.entry("B", FormatPart.BYTES),
          Map.entry("O", FormatPart.SENT));

  private static final Map<String, FormatPart> HEADERS =
      Map.of(
          "x-forwarded-for", FormatPart.FORWARDED,
          "referer", FormatPart.REFERRER,
          "user-agent", FormatPart.AGENT);

  private static final Map<String, FormatPart> TIMES =
      Map.of("sec", FormatPart.SECONDS, "msec", FormatPart.MILLIS, "usec", FormatPart.MICROS);

  /** Of strftime, what tells a time with its zone. */
  private static final Map<Character, String> STRFTIME =
      Map.ofEntries(
          Map.entry('d', "dd"),
          Map.entry('e', "ppd"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('m', "MM"),
          Map.entry('Y', "uuuu"),
          Map.entry('H', "HH"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('a', "EEE"),
          Map.entry('F', "uuuu-MM-dd"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('z', "xx"));

  private FormatNames() {}

  /** A variable of nginx. */
  static FormatElement nginx(String name) {
    return FormatElement.of(NGINX_PARTS.getOrDefault(name, FormatPart.OTHER));
  }

  /**
   * A directive of Apache.
   *
   * @param argument what it has in braces; null if it has none
   * @throws IllegalArgumentException saying what is not known
   */
  static FormatElement apache(String argument, String letter) {
    if (argument == null) {
      return FormatElement.of(APACHE_PARTS.getOrDefault(letter, FormatPart.OTHER));
    }
    if (letter.equals("i")) {
      String header = argument.toLowerCase(Locale.ROOT);
      return FormatElement.of(HEADERS.getOrDefault(header, FormatPart.OTHER));
    }
    if (letter.equals("t")) {
      String time = argument.replaceFirst("^(begin|end):", "");
      return TIMES.containsKey(time)
          ? FormatElement.of(TIMES.get(time))
          : new FormatElement(FormatPart.WRITTEN_TIME, strftime(time), "", false);
    }
    boolean isClient = letter.equals("a") && argument.equals("c");
    return FormatElement.of(isClient ? FormatPart.HOST : FormatPart.OTHER);
  }

  private static DateTimeFormatter strftime(String text) {
    DateTimeFormatterBuilder written = new DateTimeFormatterBuilder();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      String part = c == '%' && at + 1 < text.length() ? STRFTIME.get(text.charAt(++at)) : null;
      if (c == '%' && part == null) {
        throw new IllegalArgumentException(
            "its time '" + text + "' is not known; write %t, or %{%FT%T%z}t");
      }
      if (part == null) {
        written.appendLiteral(c);
      } else {
        written.appendPattern(part);
      }
    }
    return written.toFormatter(Locale.ENGLISH);
  }
}
