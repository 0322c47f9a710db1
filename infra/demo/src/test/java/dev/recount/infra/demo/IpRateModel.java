package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Requests of an address by second. */
final class IpRateModel implements ReadModel {
  private static final int TOO_MANY = 429;
  private static final Instant FROM = Instant.parse("2026-05-04T10:00:00Z");
  private static final Instant TO = Instant.parse("2026-05-04T10:05:00Z");

  @Override
  public String section() {
    return "Rate limits";
  }

  @Override
  public String event() {
    return "api_request";
  }

  @Override
  public String view() {
    return "ip_rate";
  }

  @Override
  public Map<String, Object> draw(Random random) {
    return Map.of(
        "ip_address", ReadModel.pick(random, "192.0.2."),
        "path", ReadModel.pick(random, "/v1/items/"),
        "status", random.nextInt(5) == 0 ? TOO_MANY : 200);
  }

  @Override
  public String everything() {
    return "SELECT second, ip_address, MEASURE(requests), MEASURE(refused) FROM ip_rate GROUP BY"
        + " second, ip_address";
  }

  @Override
  public List<List<Object>> state(List<JsonNode> events) {
    Map<List<String>, int[]> counts = new LinkedHashMap<>();
    for (JsonNode event : events) {
      String second = ReadModel.time(event).truncatedTo(ChronoUnit.SECONDS).toString();
      List<String> group = List.of(second, event.path("ip_address").asText());
      int[] count = counts.computeIfAbsent(group, g -> new int[2]);
      count[0]++;
      count[1] += event.path("status").asInt() == TOO_MANY ? 1 : 0;
    }
    List<List<Object>> rows = new ArrayList<>();
    counts.forEach((group, n) -> rows.add(List.of(group.get(0), group.get(1), n[0], n[1])));
    return rows;
  }

  @Override
  public List<List<Object>> page(List<JsonNode> events) {
    long requests =
        events.stream()
            .filter(e -> e.path("ip_address").asText().equals("192.0.2.7"))
            .filter(e -> !ReadModel.time(e).isBefore(FROM) && ReadModel.time(e).isBefore(TO))
            .count();
    return List.of(List.of(requests));
  }
}
