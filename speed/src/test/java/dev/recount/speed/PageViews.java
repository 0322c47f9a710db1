package dev.recount.speed;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.avro.generic.GenericRecord;

/** Sends page views and keeps the plain recount of them. */
final class PageViews {
  /** What {@code traffic} says of a group. */
  record Group(long requests, long bytes) {
    Group plus(Group other) {
      return new Group(requests + other.requests, bytes + other.bytes);
    }
  }

  private final SpeedStack stack;
  private final Random random;
  private final Map<String, Group> groups = new HashMap<>();
  private final Set<String> sessions = new HashSet<>();
  private final ConcurrentLinkedQueue<Long> arrivals = new ConcurrentLinkedQueue<>();
  private long count;

  PageViews(SpeedStack stack, Random random) {
    this.stack = stack;
    this.random = random;
  }

  void sendAt(Instant eventTime) {
    sendAt(eventTime, null, null);
  }

  /** Sends an event with an id, as the door does it: keyed by the id. */
  void sendAt(Instant eventTime, String id, String userAgent) {
    send(eventTime, id, userAgent, null);
  }

  /** Sends an event of a page. */
  void sendPage(Instant eventTime, String page) {
    send(eventTime, null, null, page);
  }

  private synchronized void send(Instant eventTime, String id, String userAgent, String page) {
    int status = random.nextInt(10) == 0 ? 404 : 200;
    long bytes = random.nextInt(100_000);
    String session = "s" + random.nextInt(1_500);
    GenericRecord event = stack.event();
    event.put("event_time", eventTime.toEpochMilli());
    event.put("event_id", id);
    event.put("user_agent", userAgent);
    event.put("ip_address", "10.0.0." + random.nextInt(256));
    event.put("session_id", session);
    event.put("page_url", page == null ? "/page/" + random.nextInt(20) : page);
    event.put("browser", random.nextInt(5) == 0 ? null : "Firefox");
    event.put("method", "GET");
    event.put("status", status);
    event.put("bytes", bytes);
    byte[] key = stack.codec().schema().key(event);
    stack.send(key, event, (metadata, e) -> arrivals.add(metadata.timestamp()));
    groups.merge(
        eventTime.truncatedTo(ChronoUnit.HOURS) + " " + status, new Group(1, bytes), Group::plus);
    sessions.add(session);
    count++;
  }

  synchronized long count() {
    return count;
  }

  synchronized Map<String, Group> byHourAndStatus() {
    return Map.copyOf(groups);
  }

  /** Below the sketch's 4096 entries, so its answer is exact. */
  synchronized int sessions() {
    return sessions.size();
  }

  long arrivedSince(long sinceMs) {
    return arrivals.stream().filter(arrival -> arrival >= sinceMs).count();
  }

  /** Pinot has milliseconds. */
  static Instant hourOf(JsonNode value) {
    return Instant.ofEpochMilli(value.asLong());
  }
}
