package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

/** Profiles, now, found by their skills. */
final class ProfilesModel implements ReadModel {
  private static final List<String> SKILLS =
      List.of("Java", "Kafka", "stream processing", "SQL", "Spanish", "sailing");

  @Override
  public String section() {
    return "Profiles";
  }

  @Override
  public String event() {
    return "profile_edit";
  }

  @Override
  public String view() {
    return "profiles";
  }

  @Override
  public Map<String, Object> draw(Random random) {
    TreeSet<String> skills = new TreeSet<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      skills.add(SKILLS.get(random.nextInt(SKILLS.size())));
    }
    String user = "user-" + random.nextInt(60);
    return Map.of("user_id", user, "name", "Name of " + user, "skills", skills);
  }

  @Override
  public String everything() {
    return "SELECT user_id, MEASURE(name), MEASURE(skills), MEASURE(saved_at) FROM profiles"
        + " GROUP BY user_id";
  }

  private static String skills(JsonNode edit) {
    List<String> skills = new ArrayList<>();
    edit.path("skills").forEach(skill -> skills.add(skill.asText()));
    return String.join(", ", skills);
  }

  @Override
  public List<List<Object>> state(List<JsonNode> events) {
    List<List<Object>> rows = new ArrayList<>();
    ReadModel.byTime(events, "user_id")
        .forEach(
            (group, edits) -> {
              JsonNode last = ReadModel.last(edits);
              rows.add(
                  List.of(
                      group.get(0),
                      last.path("name").asText(),
                      skills(last),
                      ReadModel.time(last)));
            });
    return rows;
  }

  @Override
  public List<List<Object>> page(List<JsonNode> events) {
    return state(events).stream()
        .filter(row -> ((String) row.get(2)).contains("Kafka"))
        .map(row -> List.of(row.get(0), row.get(1), row.get(2)))
        .sorted(Comparator.comparing(row -> (String) row.get(0)))
        .toList();
  }
}
