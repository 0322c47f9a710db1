package dev.recount.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Likes per post, now. */
final class LikesModel implements ReadModel {
  /** A post as a page shows it. */
  private static final class Post {
    private final Set<String> users = new HashSet<>();
    private int liked;
    private int unliked;

    void add(JsonNode event) {
      users.add(event.path("user_id").asText());
      if (event.path("action").asText().equals("LIKE")) {
        liked++;
      } else {
        unliked++;
      }
    }
  }

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

  private static Map<String, Post> posts(List<JsonNode> events) {
    Map<String, Post> posts = new TreeMap<>();
    events.forEach(e -> posts.computeIfAbsent(e.path("post_id").asText(), id -> new Post()).add(e));
    return posts;
  }

  @Override
  public List<List<Object>> state(List<JsonNode> events) {
    return posts(events).entrySet().stream()
        .map(
            e ->
                List.<Object>of(
                    e.getKey(),
                    e.getValue().liked - e.getValue().unliked,
                    e.getValue().liked,
                    e.getValue().unliked,
                    e.getValue().users.size()))
        .toList();
  }

  @Override
  public List<List<Object>> page(List<JsonNode> events) {
    Post post = posts(events).get("post-7");
    return List.of(List.of(post.liked - post.unliked, post.users.size()));
  }
}
