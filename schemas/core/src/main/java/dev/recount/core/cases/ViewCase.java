package dev.recount.core.cases;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/**
 * What a view must answer after some events.
 *
 * @param line where it begins in its file
 * @param events in order of their arrival
 * @param query SQL over the view
 * @param expected the rows of the answer
 * @param tolerance of numbers, relative; null for the usual one
 */
public record ViewCase(
    String name,
    int line,
    List<Event> events,
    Text query,
    List<ExpectedRow> expected,
    Double tolerance) {

  /**
   * An event.
   *
   * @param fields as a source sends them; of a view that joins, the event's name and its fields
   */
  public record Event(ObjectNode fields, int line) {}

  /** A text of the file. */
  public record Text(String text, int line) {}

  /** A row by the names of its columns. */
  public record ExpectedRow(Map<String, JsonNode> values, int line) {}
}
