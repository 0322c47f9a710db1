package dev.recount.ingest.weblog;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The log formats that are known by a name, and recognised:
 *
 * <pre>
 * {@code host ident user [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 512}
 * {@code host ident user [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 512 "referrer" "agent"}
 * </pre>
 *
 * each perhaps with the virtual host before. What a server appends is ignored, but for the
 * X-Forwarded-For header of a request that a trusted proxy sent.
 */
final class KnownLog implements LogLines {
  /** What follows the number of bytes. */
  private enum Tail {
    COMMON,
    COMBINED
  }

  private final Tail tail;
  private final boolean isVhost;
  private final TrustedProxies proxies;

  private KnownLog(Tail tail, boolean isVhost, TrustedProxies proxies) {
    this.tail = tail;
    this.isVhost = isVhost;
    this.proxies = proxies;
  }

  static KnownLog of(boolean isCombined, boolean isVhost, TrustedProxies proxies) {
    return new KnownLog(isCombined ? Tail.COMBINED : Tail.COMMON, isVhost, proxies);
  }

  static Optional<KnownLog> named(String name, TrustedProxies proxies) {
    return Arrays.stream(Tail.values())
        .flatMap(
            tail -> List.of(false, true).stream().map(vhost -> new KnownLog(tail, vhost, proxies)))
        .filter(log -> log.format().equals(name))
        .findFirst();
  }

  /** Its name, as a layout keeps it. */
  String format() {
    return (isVhost ? "vhost_" : "") + tail.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String words() {
    return tail.name().toLowerCase(Locale.ROOT) + (isVhost ? ", vhost before" : "");
  }

  @Override
  public void read(String line, LogCursor cursor, AccessLine into) {
    into.client = client(line, cursor);
    into.time = cursor.time();
    cursor.expect("] ", "']' and a space after the time");
    into.request = cursor.quoted("the request");
    cursor.expect(" ", "a space after the request");
    into.status = cursor.number("a status");
    cursor.expect(" ", "a space after the status");
    into.bytes = cursor.number("a number of bytes");
    if (tail == Tail.COMMON && !cursor.isAt(" \"")) {
      cursor.endOrSpace();
      return;
    }
    cursor.expect(" ", "a space before the referrer");
    into.referrer = cursor.quoted("the referrer");
    if (tail == Tail.COMMON && cursor.isAtEnd()) {
      into.referrer = null;
      return;
    }
    cursor.expect(" ", "a space before the user agent");
    into.agent = cursor.quoted("the user agent");
    if (proxies.trusts(into.client) && cursor.isAt(" \"")) {
      forwarded(cursor, into);
    } else {
      cursor.endOrSpace();
    }
  }

  /** Leaves the cursor at the time. */
  private String client(String line, LogCursor cursor) {
    int from = cursor.at();
    String word = cursor.word("a host");
    if (!isVhost && cursor.isAt(" - - [") && Addresses.isAddress(word)) {
      cursor.skipTo("[", "'[' before the time");
      return word;
    }
    cursor.skipToTime();
    String found = new LogHead(line.substring(from, cursor.at() - 2)).client(isVhost);
    if (found == null) {
      throw cursor.malformed(
          isVhost
              ? "the virtual host, the client's address or host name, ident and user, unless --log-format says"
                  + " otherwise,"
              : "the client's address or host name, ident and user, unless --log-format says otherwise,",
          from);
    }
    if (found.indexOf(',') < 0) {
      return Addresses.withoutPort(found);
    }
    return client(TrustedProxies.hops(found), cursor, from);
  }

  private String client(List<String> hops, LogCursor cursor, int from) {
    String client = proxies.client(hops);
    if (!Addresses.isAddress(client) || hops.contains("") || hops.contains("-")) {
      throw cursor.malformed("X-Forwarded-For's addresses", from);
    }
    return client;
  }

  private void forwarded(LogCursor cursor, AccessLine into) {
    cursor.expect(" ", "a space");
    int from = cursor.at();
    String header = cursor.quoted("X-Forwarded-For");
    if (!header.isEmpty() && !header.equals("-")) {
      List<String> hops = TrustedProxies.hops(header);
      hops.add(into.client);
      into.client = client(hops, cursor, from);
    }
  }
}
