package dev.recount.ingest.weblog;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A log format as Apache's LogFormat or nginx's log_format has it. */
final class FormatString implements LogLines {
  /** What a directive or variable stands for. */
  private enum Part {
    HOST("the client's address"),
    FORWARDED("X-Forwarded-For"),
    TIME("a time such as 17/May/2015:10:05:03 +0000"),
    ISO_TIME("a time such as 2015-05-17T10:05:03+00:00"),
    SECONDS("seconds since 1970"),
    MILLIS("milliseconds since 1970"),
    MICROS("microseconds since 1970"),
    WRITTEN_TIME("a time as the format has it"),
    REQUEST("the request"),
    METHOD("the method"),
    URI("the path and query"),
    PATH("the path"),
    QUERY("the query"),
    STATUS("a status"),
    BYTES("a number of bytes"),
    SENT("a number of bytes"),
    REFERRER("the referrer"),
    AGENT("the user agent"),
    OTHER("something");

    private final String words;

    Part(String words) {
      this.words = words;
    }
  }

  /**
   * @param written how a {@link Part#WRITTEN_TIME} is; otherwise null
   * @param after the text between this part and the next
   * @param isQuoted whether the part is all that stands between two quotes
   */
  private record Element(Part part, DateTimeFormatter written, String after, boolean isQuoted) {
    Element withAfter(String text, boolean isAfterQuote) {
      return new Element(part, written, text, isAfterQuote && text.startsWith("\""));
    }
  }

  private static final int MOST_HOPS = 200;
  private static final Pattern NGINX = Pattern.compile("\\$(?:\\{(\\w+)\\}|(\\w+))");
  private static final Pattern APACHE =
      Pattern.compile("%[!\\d,<>]*(?:\\{([^}]*)\\})?[<>]?(\\^\\w\\w|[a-zA-Z%])");

  private static final Map<String, Part> NGINX_PARTS =
      Map.ofEntries(
          Map.entry("remote_addr", Part.HOST),
          Map.entry("http_x_forwarded_for", Part.FORWARDED),
          Map.entry("proxy_add_x_forwarded_for", Part.FORWARDED),
          Map.entry("time_local", Part.TIME),
          Map.entry("time_iso8601", Part.ISO_TIME),
          Map.entry("msec", Part.SECONDS),
          Map.entry("request", Part.REQUEST),
          Map.entry("request_method", Part.METHOD),
          Map.entry("request_uri", Part.URI),
          Map.entry("uri", Part.PATH),
          Map.entry("document_uri", Part.PATH),
          Map.entry("args", Part.QUERY),
          Map.entry("query_string", Part.QUERY),
          Map.entry("status", Part.STATUS),
          Map.entry("body_bytes_sent", Part.BYTES),
          Map.entry("bytes_sent", Part.SENT),
          Map.entry("http_referer", Part.REFERRER),
          Map.entry("http_user_agent", Part.AGENT));

  private static final Map<String, Part> APACHE_PARTS =
      Map.ofEntries(
          Map.entry("h", Part.HOST),
          Map.entry("a", Part.HOST),
          Map.entry("t", Part.TIME),
          Map.entry("r", Part.REQUEST),
          Map.entry("m", Part.METHOD),
          Map.entry("U", Part.PATH),
          Map.entry("q", Part.QUERY),
          Map.entry("s", Part.STATUS),
          Map.entry("b", Part.BYTES),
          Map.entry("B", Part.BYTES),
          Map.entry("O", Part.SENT));

  private static final Map<String, Part> HEADERS =
      Map.of(
          "x-forwarded-for", Part.FORWARDED,
          "referer", Part.REFERRER,
          "user-agent", Part.AGENT);

  private static final Map<String, Part> TIMES =
      Map.of("sec", Part.SECONDS, "msec", Part.MILLIS, "usec", Part.MICROS);

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

  private final String format;
  private final TrustedProxies proxies;
  private final List<Element> elements = new ArrayList<>();
  private String start = "";

  private FormatString(String format, TrustedProxies proxies) {
    this.format = format;
    this.proxies = proxies;
  }

  /**
   * @throws RecountException USAGE saying what it lacks
   */
  static FormatString of(String format, TrustedProxies proxies) {
    FormatString lines = new FormatString(format, proxies);
    lines.compile(format.replace("\\\"", "\"").replace("\\t", "\t"));
    lines.check();
    return lines;
  }

  private void compile(String text) {
    boolean isNginx = NGINX.matcher(text).find();
    Matcher matcher = (isNginx ? NGINX : APACHE).matcher(text);
    StringBuilder between = new StringBuilder();
    int at = 0;
    while (matcher.find()) {
      between.append(text, at, matcher.start());
      at = matcher.end();
      if (matcher.group().equals("%%")) {
        between.append('%');
        continue;
      }
      Element element = isNginx ? nginx(matcher) : apache(matcher);
      boolean isBracketed = !isNginx && element.part() == Part.TIME;
      between.append(isBracketed ? "[" : "");
      add(element, between.toString());
      between.setLength(0);
      between.append(isBracketed ? "]" : "");
    }
    end(between.append(text.substring(at)).toString());
  }

  private static Element nginx(Matcher matcher) {
    String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return new Element(NGINX_PARTS.getOrDefault(name, Part.OTHER), null, "", false);
  }

  private Element apache(Matcher matcher) {
    String argument = matcher.group(1);
    String letter = matcher.group(2);
    if (argument == null) {
      return new Element(APACHE_PARTS.getOrDefault(letter, Part.OTHER), null, "", false);
    }
    if (letter.equals("i")) {
      String header = argument.toLowerCase(Locale.ROOT);
      return new Element(HEADERS.getOrDefault(header, Part.OTHER), null, "", false);
    }
    if (letter.equals("t")) {
      String time = argument.replaceFirst("^(begin|end):", "");
      return TIMES.containsKey(time)
          ? new Element(TIMES.get(time), null, "", false)
          : new Element(Part.WRITTEN_TIME, strftime(time), "", false);
    }
    boolean isClient = letter.equals("a") && argument.equals("c");
    return new Element(isClient ? Part.HOST : Part.OTHER, null, "", false);
  }

  private DateTimeFormatter strftime(String text) {
    DateTimeFormatterBuilder written = new DateTimeFormatterBuilder();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      String part = c == '%' && at + 1 < text.length() ? STRFTIME.get(text.charAt(++at)) : null;
      if (c == '%' && part == null) {
        throw usage("its time '" + text + "' is not known; write %t, or %{%FT%T%z}t");
      }
      if (part == null) {
        written.appendLiteral(c);
      } else {
        written.appendPattern(part);
      }
    }
    return written.toFormatter(Locale.ENGLISH);
  }

  private void add(Element element, String before) {
    if (elements.isEmpty()) {
      start = before;
    } else {
      Element last = elements.get(elements.size() - 1);
      if (before.isEmpty()) {
        elements.remove(elements.size() - 1);
        elements.add(new Element(both(last.part(), element.part()), null, "", false));
        return;
      }
      end(before);
    }
    elements.add(element);
  }

  /** What two parts are with nothing between them. */
  private Part both(Part one, Part other) {
    if (one == Part.PATH && other == Part.QUERY) {
      return Part.URI;
    }
    if (one == Part.OTHER && other == Part.OTHER) {
      return Part.OTHER;
    }
    throw usage(
        "nothing stands between "
            + one.words
            + " and "
            + other.words
            + ", so nobody can tell them");
  }

  /** What stands after the last element so far. */
  private void end(String after) {
    if (elements.isEmpty()) {
      throw usage(
          "it has no %h of Apache and no $remote_addr of nginx; the names are common,"
              + " combined, vhost_common, vhost_combined");
    }
    int last = elements.size() - 1;
    String before = last == 0 ? start : elements.get(last - 1).after();
    elements.set(last, elements.get(last).withAfter(after, before.endsWith("\"")));
  }

  private void check() {
    require("client", "%h or $remote_addr", Part.HOST, Part.FORWARDED);
    require(
        "time",
        "%t or $time_local",
        Part.TIME,
        Part.ISO_TIME,
        Part.SECONDS,
        Part.MILLIS,
        Part.MICROS,
        Part.WRITTEN_TIME);
    require("request", "%r or $request", Part.REQUEST, Part.URI, Part.PATH);
  }

  private void require(String what, String example, Part... parts) {
    if (elements.stream().noneMatch(element -> List.of(parts).contains(element.part()))) {
      throw usage("it does not tell the " + what + "; it needs " + example);
    }
  }

  private RecountException usage(String reason) {
    return new RecountException(
        ErrorCode.USAGE, "Cannot use the log format '" + format + "': " + reason);
  }

  @Override
  public String words() {
    return "'" + format + "'";
  }

  @Override
  public void read(String line, LogCursor cursor, AccessLine into) {
    int from = cursor.at();
    cursor.expect(start, "'" + start + "'");
    String forwarded = null;
    Long sent = null;
    for (Element element : elements) {
      int at = cursor.at();
      Part part = element.part();
      if (part == Part.TIME || part == Part.WRITTEN_TIME) {
        into.time = part == Part.TIME ? cursor.time() : cursor.time(element.written(), part.words);
        cursor.expect(element.after(), "'" + element.after() + "' after the time");
        continue;
      }
      String value = value(element, cursor);
      try {
        switch (part) {
          case FORWARDED:
            forwarded = value;
            break;
          case SENT:
            sent = number(value);
            break;
          default:
            put(element, value, into);
        }
      } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
        throw cursor.malformed(part.words, at);
      }
    }
    if (!cursor.isAtEnd()) {
      throw cursor.malformed("the end of the line", cursor.at());
    }
    into.bytes = into.bytes == null ? sent : into.bytes;
    client(forwarded, cursor, from, into);
  }

  private static String value(Element element, LogCursor cursor) {
    Part part = element.part();
    String value;
    if (element.isQuoted()) {
      value = cursor.toQuote(part.words);
      cursor.expect(element.after(), "'" + element.after() + "' after " + part.words);
      // A request of '-' is what was asked for.
      return part != Part.REQUEST && value.isEmpty() || value.equals("-") && part != Part.REQUEST
          ? null
          : value;
    }
    if (element.after().isEmpty()) {
      value = cursor.rest();
    } else {
      String expected = part.words + " and '" + element.after() + "'";
      value = cursor.before(element.after(), expected);
      for (int more = 0;
          part == Part.FORWARDED && value.endsWith(",") && more < MOST_HOPS;
          more++) {
        value += cursor.before(element.after(), expected);
      }
    }
    return value.isEmpty() || value.equals("-") ? null : LogCursor.unescaped(value);
  }

  private static void put(Element element, String value, AccessLine into) {
    switch (element.part()) {
      case HOST:
        into.client = value == null ? null : Addresses.withoutPort(value);
        break;
      case ISO_TIME:
        into.time = OffsetDateTime.parse(known(value)).toInstant().toEpochMilli();
        break;
      case SECONDS:
        into.time = millis(known(value), 3);
        break;
      case MILLIS:
        into.time = millis(known(value), 0);
        break;
      case MICROS:
        into.time = millis(known(value), -3);
        break;
      case REQUEST:
        into.request = value;
        break;
      case METHOD:
        into.method = value;
        break;
      case URI, PATH:
        into.path = value;
        break;
      case QUERY:
        into.query = value;
        break;
      case STATUS:
        into.status = number(value);
        break;
      case BYTES:
        into.bytes = number(value);
        break;
      case REFERRER:
        into.referrer = value;
        break;
      case AGENT:
        into.agent = value;
        break;
      default:
    }
  }

  private static String known(String value) {
    if (value == null) {
      throw new DateTimeException("there is no time");
    }
    return value;
  }

  private static long millis(String value, int power) {
    if (!value.matches("\\d{1,17}(\\.\\d{1,9})?")) {
      throw new NumberFormatException("no number of a time");
    }
    return new BigDecimal(value)
        .scaleByPowerOfTen(power)
        .setScale(0, RoundingMode.FLOOR)
        .longValueExact();
  }

  private static Long number(String value) {
    if (value == null) {
      return null;
    }
    if (!value.matches("\\d{1,18}")) {
      throw new NumberFormatException("no number");
    }
    return Long.valueOf(value);
  }

  /** A proxy's word is taken where the format has no other, or where the proxy is trusted. */
  private void client(String forwarded, LogCursor cursor, int from, AccessLine into) {
    if (forwarded != null && (into.client == null || proxies.trusts(into.client))) {
      List<String> hops = TrustedProxies.hops(forwarded);
      if (into.client != null) {
        hops.add(into.client);
      }
      into.client = proxies.client(hops);
    }
    if (into.client == null
        || !Addresses.isAddress(into.client) && !Addresses.isName(into.client)) {
      throw cursor.malformed("the client's address or name", from);
    }
  }
}
