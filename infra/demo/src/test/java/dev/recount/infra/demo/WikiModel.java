package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The current text of a wiki's pages, and their edits. */
final class WikiModel implements ReadModel {
  private int saved;

  @Override
  public String section() {
    return "Wiki pages";
  }

  @Override
  public String event() {
    return "wiki_revision";
  }

  @Override
  public String view() {
    return "wiki_pages";
  }

  @Override
  public Map<String, Object> draw(Random random) {
    return Map.of(
        "page", ReadModel.pick(random, "Page "),
        "editor", "user-" + random.nextInt(50),
        "text",
            "== Text %d ==\n\"Ünïcode\" ".formatted(saved++)
                + "and more ".repeat(random.nextInt(500)));
  }

  @Override
  public String everything() {
    return "SELECT page, MEASURE(edits), MEASURE(text), MEASURE(last_editor), MEASURE(edited_at)"
        + " FROM wiki_pages GROUP BY page";
  }

  @Override
  public List<List<Object>> state(List<JsonNode> events) {
    List<List<Object>> rows = new ArrayList<>();
    ReadModel.byTime(ReadModel.once(events), "page")
        .forEach(
            (group, revisions) -> {
              JsonNode last = ReadModel.last(revisions);
              rows.add(
                  List.of(
                      group.get(0),
                      revisions.size(),
                      last.path("text").asText(),
                      last.path("editor").asText(),
                      ReadModel.time(last)));
            });
    return rows;
  }

  @Override
  public List<List<Object>> page(List<JsonNode> events) {
    List<JsonNode> revisions =
        ReadModel.byTime(ReadModel.once(events), "page").get(List.of("Page 7"));
    JsonNode last = ReadModel.last(revisions);
    return List.of(
        List.of(last.path("text").asText(), last.path("editor").asText(), revisions.size()));
  }
}
