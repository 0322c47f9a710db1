package dev.recount.contract.record;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.EventSchema;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads lines of a web server's log in the combined format of Apache and nginx, as page views:
 *
 * <pre>
 * {@code host ident user [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 512 "referrer" "agent"}
 * </pre>
 *
 * What a server appends after the agent is ignored. {@code -} stands for null. A request that is
 * not HTTP is kept as it is in {@code page_url}, with no method. Not thread-safe.
 */
public final class CombinedLog {
  private static final List<String> FIELDS =
      List.of(
          "event_time",
          "ip_address",
          "session_id",
          "page_url",
          "referrer",
          "browser",
          "user_agent",
          "method",
          "status",
          "bytes");

  private final Schema schema;
  private final int[] positions;
  private final Browsers browsers;
  private final LogCursor cursor = new LogCursor();

  /**
   * @throws RecountException USAGE where the event has not the fields that a log line fills
   */
  public CombinedLog(EventSchema schema, Browsers browsers) {
    List<String> missing = FIELDS.stream().filter(f -> schema.avro().getField(f) == null).toList();
    if (!missing.isEmpty()) {
      throw new RecountException(
          ErrorCode.USAGE,
          "Cannot read '"
              + schema.name()
              + "' from web server logs: it has no field "
              + String.join(", ", missing)
              + "; use --format ndjson, or an event such as page_view");
    }
    this.schema = schema.avro();
    this.browsers = browsers;
    this.positions = FIELDS.stream().mapToInt(f -> this.schema.getField(f).pos()).toArray();
  }

  /**
   * @throws RecountException EVENT_MALFORMED saying what was expected in which column, from 1
   */
  public GenericRecord read(String line) {
    cursor.start(line);
    String host = cursor.word("a host");
    cursor.skipTo(" [", "' [' before the time");
    long time = cursor.time();
    cursor.expect("] ", "']' and a space after the time");
    String request = cursor.quoted("the request");
    cursor.expect(" ", "a space after the request");
    Long status = cursor.number("a status");
    cursor.expect(" ", "a space after the status");
    Long bytes = cursor.number("a number of bytes");
    cursor.expect(" ", "a space before the referrer");
    String referrer = nullIfAbsent(cursor.quoted("the referrer"));
    cursor.expect(" ", "a space before the user agent");
    String agent = nullIfAbsent(cursor.quoted("the user agent"));
    cursor.endOrSpace();
    if (status != null && status > 999) {
      throw cursor.malformed("a status of three digits", line.indexOf(" " + status) + 1);
    }

    GenericData.Record event = new GenericData.Record(schema);
    int methodEnd = methodEnd(request);
    put(event, 0, time);
    put(event, 1, host);
    put(event, 2, host + "|" + (agent == null ? "-" : agent));
    put(event, 3, methodEnd < 0 ? request : request.substring(methodEnd + 1, targetEnd(request)));
    put(event, 4, referrer);
    put(event, 5, agent == null ? null : browsers.family(agent));
    put(event, 6, agent);
    put(event, 7, methodEnd < 0 ? null : request.substring(0, methodEnd));
    put(event, 8, status == null ? null : status.intValue());
    put(event, 9, bytes);
    return event;
  }

  private void put(GenericData.Record event, int field, Object value) {
    event.put(positions[field], value);
  }

  private static String nullIfAbsent(String text) {
    return text.isEmpty() || text.equals("-") ? null : text;
  }

  /** Where the method ends in {@code METHOD target HTTP/x}; -1 where the request is not so. */
  private static int methodEnd(String request) {
    int end = request.indexOf(' ');
    int targetEnd = targetEnd(request);
    if (end <= 0 || targetEnd <= end + 1 || !request.startsWith("HTTP/", targetEnd + 1)) {
      return -1;
    }
    for (int at = 0; at < end; at++) {
      char c = request.charAt(at);
      if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '_') {
        return -1;
      }
    }
    return end;
  }

  private static int targetEnd(String request) {
    return request.lastIndexOf(' ');
  }
}
