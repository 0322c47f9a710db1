package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Likes per post, now. */
final class LikesModel implements ReadModel {
  @Override
  public String section() {
    return "Likes";
  }

  @Override
  public String event() {
    return "post_like";
  }

  @Override
  public String view() {
    return "likes";
  }

  @Override
  public Map<String, Object> draw(Random random) {
    return Map.of(
        "post_id",
        ReadModel.pick(random, "post-"),
        "user_id",
        "user-" + random.nextInt(200),
        "action",
        random.nextInt(4) == 0 ? "UNLIKE" : "LIKE");
  }

  @Override
  public String everything() {
    return "SELECT post_id, MEASURE(likes), MEASURE(times_liked), MEASURE(times_unliked),"
        + " MEASURE(users) FROM likes GROUP BY post_id";
  }

  private static long count(List<JsonNode> events, String action) {
    return events.stream().filter(e -> e.path("action").asText().equals(action)).count();
  }

  private static long users(List<JsonNode> events) {
    return events.stream().map(e -> e.path("user_id").asText()).distinct().count();
  }

  @Override
  public List<List<Object>> state(List<JsonNode> events) {
    List<List<Object>> rows = new ArrayList<>();
    ReadModel.byTime(ReadModel.once(events), "post_id")
        .forEach(
            (group, of) -> {
              long liked = count(of, "LIKE");
              long unliked = count(of, "UNLIKE");
              rows.add(List.of(group.get(0), liked - unliked, liked, unliked, users(of)));
            });
    return rows;
  }

  @Override
  public List<List<Object>> page(List<JsonNode> events) {
    List<JsonNode> of = ReadModel.byTime(ReadModel.once(events), "post_id").get(List.of("post-7"));
    return List.of(List.of(count(of, "LIKE") - count(of, "UNLIKE"), users(of)));
  }
}
