package dev.recount.batch.recompute;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.OptionalLong;

/** What a broker serves at this moment. Thread-safe. */
public final class PinotBroker {
  private final PinotHttp http;

  public PinotBroker(String url) {
    this.http = new PinotHttp(url);
  }

  /** Up to which {@code _arrived} a hybrid table is served from OFFLINE; empty where never. */
  public OptionalLong timeBoundary(String table) {
    JsonNode answer = http.find("/debug/timeBoundary/" + table + "_OFFLINE");
    return answer.has("timeValue")
        ? OptionalLong.of(answer.get("timeValue").asLong())
        : OptionalLong.empty();
  }

  /**
   * @param segments number of segments that were asked
   * @param rows in them
   */
  public record Served(long segments, long rows) {}

  /** What a query of the OFFLINE side finds; no rows and no segments where it fails. */
  public Served offline(String table) {
    JsonNode answer =
        http.post("/query/sql", Map.of("sql", "SELECT COUNT(*) FROM " + table + "_OFFLINE"));
    if (!answer.path("exceptions").isEmpty()) {
      return new Served(0, 0);
    }
    return new Served(
        answer.path("numSegmentsQueried").asLong(),
        answer.path("resultTable").path("rows").path(0).path(0).asLong());
  }
}
