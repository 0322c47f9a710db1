package dev.recount.ingest.weblog;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A log format as Apache's LogFormat or nginx's log_format has it. */
final class FormatString implements LogLines {
  private static final Pattern NGINX = Pattern.compile("\\$(?:\\{(\\w+)\\}|(\\w+))");
  private static final Pattern APACHE =
      Pattern.compile("%[!\\d,<>]*(?:\\{([^}]*)\\})?[<>]?(\\^\\w\\w|[a-zA-Z%])");

  private final String format;
  private final TrustedProxies proxies;
  private final List<FormatElement> elements = new ArrayList<>();
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
      FormatElement element = isNginx ? nginx(matcher) : apache(matcher);
      boolean isBracketed = !isNginx && element.part() == FormatPart.TIME;
      between.append(isBracketed ? "[" : "");
      add(element, between.toString());
      between.setLength(0);
      between.append(isBracketed ? "]" : "");
    }
    end(between.append(text.substring(at)).toString());
  }

  private static FormatElement nginx(Matcher matcher) {
    return FormatNames.nginx(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
  }

  private FormatElement apache(Matcher matcher) {
    try {
      return FormatNames.apache(matcher.group(1), matcher.group(2));
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private void add(FormatElement element, String before) {
    if (elements.isEmpty()) {
      start = before;
    } else {
      FormatElement last = elements.get(elements.size() - 1);
      if (before.isEmpty()) {
        elements.remove(elements.size() - 1);
        elements.add(FormatElement.of(both(last.part(), element.part())));
        return;
      }
      end(before);
    }
    elements.add(element);
  }

  /** What two parts are with nothing between them. */
  private FormatPart both(FormatPart one, FormatPart other) {
    if (one == FormatPart.PATH && other == FormatPart.QUERY) {
      return FormatPart.URI;
    }
    if (one == FormatPart.OTHER && other == FormatPart.OTHER) {
      return FormatPart.OTHER;
    }
    throw usage(
        "nothing is between %s and %s, so they cannot be told apart", one.words, other.words);
  }

  /** What is after the last element so far. */
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
    require("client", "%h or $remote_addr", FormatPart.HOST, FormatPart.FORWARDED);
    require(
        "time",
        "%t or $time_local",
        FormatPart.TIME,
        FormatPart.ISO_TIME,
        FormatPart.SECONDS,
        FormatPart.MILLIS,
        FormatPart.MICROS,
        FormatPart.WRITTEN_TIME);
    require("request", "%r or $request", FormatPart.REQUEST, FormatPart.URI, FormatPart.PATH);
  }

  private void require(String what, String example, FormatPart... parts) {
    if (elements.stream().noneMatch(element -> List.of(parts).contains(element.part()))) {
      throw usage("it does not include the %s; it needs %s", what, example);
    }
  }

  private RecountException usage(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.USAGE,
        "Cannot use the log format '%s': %s",
        format,
        RecountException.message(reason, arguments));
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
    for (FormatElement element : elements) {
      int at = cursor.at();
      FormatPart part = element.part();
      if (part == FormatPart.TIME || part == FormatPart.WRITTEN_TIME) {
        into.time =
            part == FormatPart.TIME ? cursor.time() : cursor.time(element.written(), part.words);
        cursor.expect(element.after(), "'" + element.after() + "' after the time");
        continue;
      }
      String value = element.value(cursor);
      try {
        switch (part) {
          case FORWARDED -> forwarded = value;
          case SENT -> sent = FormatElement.number(value);
          default -> element.put(value, into);
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

  /** A proxy is believed if the format has nothing else, or if the proxy is trusted. */
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
