package dev.recount.serving.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.recount.core.Deadline;
import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The segments that the REALTIME side of a table consists of, as Pinot's controller wants it. */
public final class RealtimeSegments {
  private static final long MAX_AGE_MS = 1_000;

  private final PinotRouting pinot;
  private final Clock clock;
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Set<String> superseded = ConcurrentHashMap.newKeySet();
  private final Set<String> empty = ConcurrentHashMap.newKeySet();

  private record Known(Set<String> segments, long readMs) {}

  public RealtimeSegments(PinotRouting pinot, Clock clock) {
    this.pinot = pinot;
    this.clock = clock;
  }

  /**
   * Whether these are all segments of the table.
   *
   * @throws Unsettled naming what is missing or too many
   */
  void requireAll(String table, Set<String> routed, Deadline deadline) throws Unsettled {
    Known cached = known.get(table);
    boolean current = cached != null && clock.millis() - cached.readMs() < MAX_AGE_MS;
    if (current && cached.segments().equals(routed)) {
      return;
    }
    Known fresh = new Known(read(table, routed, deadline), clock.millis());
    known.put(table, fresh);
    if (fresh.segments().isEmpty()) {
      throw new Unsettled("the speed layer's side of the table has no segments");
    }
    if (!fresh.segments().equals(routed)) {
      Set<String> missing = new TreeSet<>(fresh.segments());
      missing.removeAll(routed);
      throw new Unsettled(
          missing.isEmpty()
              ? "the speed layer's segments are changing"
              : "segments of the speed layer are not served: " + missing);
    }
  }

  private Set<String> read(String table, Set<String> routed, Deadline deadline) {
    JsonNode ideal =
        pinot
            .ask("/tables/" + table + "/idealstate?tableType=realtime", deadline)
            .map(json -> json.path("REALTIME"))
            .orElse(MissingNode.getInstance());
    Set<String> segments = new TreeSet<>();
    for (Iterator<Map.Entry<String, JsonNode>> i = ideal.fields(); i.hasNext(); ) {
      Map.Entry<String, JsonNode> segment = i.next();
      if (isOnline(segment.getValue()) || !isSuperseded(table, segment.getKey(), ideal, deadline)) {
        segments.add(segment.getKey());
      }
    }
    leaveOutEmpty(table, segments, routed, deadline);
    return segments;
  }

  /** No broker routes a segment that was completed without a record, as settings are changed. */
  private void leaveOutEmpty(
      String table, Set<String> segments, Set<String> routed, Deadline deadline) {
    for (String segment : List.copyOf(segments)) {
      if (!routed.contains(segment)) {
        if (!isEmpty(table, segment, deadline)) {
          return; // The others do not matter any more.
        }
        segments.remove(segment);
      }
    }
  }

  private boolean isEmpty(String table, String segment, Deadline deadline) {
    if (empty.contains(segment)) {
      return true;
    }
    boolean isEmpty =
        metadata(table, segment, deadline)
            .filter(m -> m.path("segment.realtime.status").asText().equals("DONE"))
            .filter(m -> m.path("segment.total.docs").asLong(-1) == 0)
            .isPresent();
    if (isEmpty) {
      empty.add(segment);
    }
    return isEmpty;
  }

  private static boolean isOnline(JsonNode servers) {
    for (JsonNode state : servers) {
      if (!state.asText().equals("OFFLINE")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether another segment reads again what this one was reading: if a server could not continue
   * with a segment (Kafka was away, say), Pinot gives it up and begins the next at the same offset.
   */
  private boolean isSuperseded(String table, String segment, JsonNode ideal, Deadline deadline) {
    if (superseded.contains(segment)) {
      return true;
    }
    String[] name = segment.split("__");
    if (name.length != 4) {
      return false;
    }
    String next = name[0] + "__" + name[1] + "__" + (Integer.parseInt(name[2]) + 1) + "__";
    for (Iterator<String> i = ideal.fieldNames(); i.hasNext(); ) {
      String other = i.next();
      if (other.startsWith(next) && readsAgain(table, segment, other, deadline)) {
        superseded.add(segment);
        return true;
      }
    }
    return false;
  }

  private boolean readsAgain(String table, String segment, String next, Deadline deadline) {
    Optional<JsonNode> given = metadata(table, segment, deadline);
    Optional<JsonNode> again = metadata(table, next, deadline);
    return given.isPresent()
        && again.isPresent()
        && given.get().path("segment.realtime.status").asText().equals("IN_PROGRESS")
        && offset(again.get()) <= offset(given.get());
  }

  private static long offset(JsonNode metadata) {
    return metadata.path("segment.realtime.startOffset").asLong(Long.MAX_VALUE);
  }

  private Optional<JsonNode> metadata(String table, String segment, Deadline deadline) {
    return pinot.ask("/segments/" + table + "_REALTIME/" + segment + "/metadata", deadline);
  }
}
