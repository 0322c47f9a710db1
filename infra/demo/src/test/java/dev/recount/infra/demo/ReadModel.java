package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One of the read models in schemas/examples: its events, and a plain program over all of them. */
interface ReadModel {
  /** The heading of its section in docs/read-models.md. */
  String section();

  String event();

  String view();

  /** What an event says beside its time; later events are drawn later. */
  Map<String, Object> draw(Random random);

  /** Asks for everything the view says. */
  String everything();

  /** What {@link #everything} must give, in any order: by going through all events. */
  List<List<Object>> state(List<JsonNode> events);

  /** What the page's query must give, in this order: by going through all events. */
  List<List<Object>> page(List<JsonNode> events);

  /** Without copies: events that have the id of one before. */
  static List<JsonNode> once(List<JsonNode> events) {
    Set<String> ids = new HashSet<>();
    return events.stream()
        .filter(e -> !e.hasNonNull("event_id") || ids.add(e.get("event_id").textValue()))
        .toList();
  }

  /** The events of each group, in the order of their times. */
  static Map<List<Object>, List<JsonNode>> byTime(List<JsonNode> events, String... fields) {
    return events.stream()
        .sorted(Comparator.comparing(ReadModel::time))
        .collect(
            Collectors.groupingBy(
                e -> Stream.of(fields).<Object>map(f -> e.path(f).asText()).toList()));
  }

  static Instant time(JsonNode event) {
    return Instant.parse(event.path("event_time").asText());
  }

  static JsonNode last(List<JsonNode> events) {
    return events.get(events.size() - 1);
  }

  /** One of {@code <prefix>5} to {@code <prefix>9}, of which a page asks for the 7. */
  static String pick(Random random, String prefix) {
    return prefix + (5 + random.nextInt(5));
  }
}
