package dev.recount.ingest.weblog;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads lines of a web server's log, in the common or combined format or one that is said, as page
 * views. What the log's transport wrote before a line is skipped, and so are NULs there, which a
 * log has that was cut while it was written. {@code -} stands for null. Not thread-safe.
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
  private final Optional<Schema.Field> isBot;
  private final Browsers browsers;
  private final LogLines lines;
  private final LogCursor cursor;
  private final AccessLine access = new AccessLine();

  /**
   * @throws RecountException USAGE if the event has not the fields that a log line fills
   */
  public CombinedLog(EventSchema schema, Browsers browsers, LogLayout layout) {
    List<String> missing = FIELDS.stream().filter(f -> schema.avro().getField(f) == null).toList();
    if (!missing.isEmpty()) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot read '%s' from web server logs: it has no field %s; use --format "
              + "ndjson, or an event such as page_view",
          schema.name(),
          String.join(", ", missing));
    }
    this.schema = schema.avro();
    this.browsers = browsers;
    this.positions = FIELDS.stream().mapToInt(f -> this.schema.getField(f).pos()).toArray();
    this.isBot = Optional.ofNullable(this.schema.getField("is_bot"));
    this.lines = layout.lines();
    this.cursor = new LogCursor(lines.words());
  }

  /**
   * @throws RecountException EVENT_MALFORMED saying what was expected in which column, from 1
   */
  public GenericRecord read(String line) {
    parse(line, afterNuls(line));
    String request = access.request;
    GenericData.Record event = new GenericData.Record(schema);
    put(event, 0, access.time);
    put(event, 1, access.client);
    put(event, 2, Visits.id(access.client, access.agent));
    put(event, 3, url(request));
    put(event, 4, access.referrer);
    Browsers.Agent agent = browsers.agent(access.agent);
    put(event, 5, agent.family());
    put(event, 6, access.agent);
    put(event, 7, request == null ? access.method : Requests.method(request));
    put(event, 8, access.status == null ? null : access.status.intValue());
    put(event, 9, access.bytes);
    isBot.ifPresent(field -> event.put(field.pos(), agent.isBot()));
    return event;
  }

  private String url(String request) {
    if (request != null) {
      return Requests.url(request);
    }
    return access.path == null ? "-" : Requests.url(access.path, access.query);
  }

  /** Where a line begins, after the NULs that may be before it. */
  static int afterNuls(String line) {
    int at = 0;
    while (at < line.length() && line.charAt(at) == 0) {
      at++;
    }
    return at;
  }

  private void parse(String line, int from) {
    int nul = line.indexOf(0, from);
    if (nul >= 0 || from == line.length()) {
      cursor.start(line, 0);
      throw cursor.malformed("text without NULs; the log was cut or damaged", Math.max(0, nul));
    }
    Optional<LogPrefix> prefix = LogPrefix.of(line, from);
    int start = prefix.map(found -> found.end(line, from)).orElse(from);
    boolean isPrefixSure = lines instanceof KnownLog;
    try {
      parseAt(line, isPrefixSure ? start : from);
    } catch (RecountException e) {
      if (isPrefixSure || start == from) {
        throw e;
      }
      // What a format begins with may look like a prefix; else it is one.
      parseAt(line, start);
    }
  }

  private void parseAt(String line, int from) {
    access.clear();
    cursor.start(line, from);
    lines.read(line, cursor, access);
    access.referrer = nullIfAbsent(access.referrer);
    access.agent = nullIfAbsent(access.agent);
    if (access.status != null && access.status > 999) {
      throw cursor.malformed("a status of three digits", line.indexOf(" " + access.status) + 1);
    }
  }

  private void put(GenericData.Record event, int field, Object value) {
    event.put(positions[field], value);
  }

  private static String nullIfAbsent(String text) {
    return text == null || text.isEmpty() || text.equals("-") ? null : text;
  }
}
