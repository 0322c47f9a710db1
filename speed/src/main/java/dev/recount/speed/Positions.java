package dev.recount.speed;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import java.util.Map;
import java.util.TreeMap;

/**
 * A place in a topic: for each partition the position of the next record. A partition that is not
 * named is at 0, which is where a partition that is added later begins.
 */
record Positions(Map<Integer, Long> next) {
  static final Positions START = new Positions(Map.of());

  Positions {
    next = Map.copyOf(next);
  }

  /** Reads Spark's own form, {@code {"topic": {"0": 12, "1": 7}}}. */
  static Positions parse(String json, String topic) {
    Map<Integer, Long> next = new TreeMap<>();
    JsonNode partitions = Json.read(json, JsonNode.class).path(topic);
    partitions
        .fields()
        .forEachRemaining(p -> next.put(Integer.valueOf(p.getKey()), p.getValue().asLong()));
    return new Positions(next);
  }

  long of(int partition) {
    return next.getOrDefault(partition, 0L);
  }

  /** Whether everything before {@code other} is before this place too. */
  boolean covers(Positions other) {
    return other.next.entrySet().stream().allMatch(p -> of(p.getKey()) >= p.getValue());
  }

  boolean isStart() {
    return next.values().stream().allMatch(position -> position == 0);
  }

  /** How many positions are between {@code earlier} and this place. */
  long since(Positions earlier) {
    return next.entrySet().stream().mapToLong(p -> p.getValue() - earlier.of(p.getKey())).sum();
  }
}
