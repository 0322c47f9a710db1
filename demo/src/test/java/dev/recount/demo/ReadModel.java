package dev.recount.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One of the read models in schemas/examples: its events, and a plain program over all of them. */
interface ReadModel {
  /** The heading of its section in docs/read-models.md. */
  String section();

  String event();

  String view();

  /** What an event says beside its time. */
  Map<String, Object> draw(Random random);

  /** Asks for everything the view says. */
  String everything();

  /** What {@link #everything} must give, in any order: by going through all events. */
  List<List<Object>> state(List<JsonNode> events);

  /** What the page's query must give, in this order: by going through all events. */
  List<List<Object>> page(List<JsonNode> events);

  /** One of {@code <prefix>5} to {@code <prefix>9}, of which a page asks for the 7. */
  static String pick(Random random, String prefix) {
    return prefix + (5 + random.nextInt(5));
  }
}
