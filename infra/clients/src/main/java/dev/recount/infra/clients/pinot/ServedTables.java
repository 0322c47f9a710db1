package dev.recount.infra.clients.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.infra.clients.http.JsonService;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Tables as a Pinot broker serves them at this moment. Whoever needs whole answers asks the gateway
 * instead. Thread-safe.
 */
public final class ServedTables {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration TABLE_PATIENCE = Duration.ofSeconds(90);
  private static final Duration POLL = Duration.ofMillis(200);

  private final JsonService http;

  public ServedTables(RecountConfig config) {
    this(config, Duration.ZERO);
  }

  /**
   * @param away how long to wait for a broker that is away
   */
  public ServedTables(RecountConfig config, Duration away) {
    this.http =
        new JsonService(
            "Pinot", config.pinot().broker(), PATIENCE, away, ErrorCode.PINOT_UNAVAILABLE);
  }

  /** Up to which {@code _arrived} a hybrid table is served from OFFLINE; empty if never. */
  public OptionalLong timeBoundary(String table) {
    return http.find("/debug/timeBoundary/" + table + "_OFFLINE", PATIENCE)
        .filter(answer -> answer.has("timeValue"))
        .map(answer -> OptionalLong.of(answer.get("timeValue").asLong()))
        .orElse(OptionalLong.empty());
  }

  /**
   * @param segments number of segments that were asked
   * @param rows in them
   */
  public record Served(long segments, long rows) {}

  /** What a query of the OFFLINE side finds; no rows and no segments where it fails. */
  public Served offline(String table) {
    return query("SELECT COUNT(*) FROM " + table + "_OFFLINE")
        .map(
            answer ->
                new Served(
                    answer.path("numSegmentsQueried").asLong(),
                    answer.at("/resultTable/rows/0/0").asLong()))
        .orElse(new Served(0, 0));
  }

  /** The rows of an answer; empty if the broker or a server refuses. */
  public Optional<JsonNode> rows(String sql) {
    return query(sql).map(answer -> answer.path("resultTable").path("rows"));
  }

  private Optional<JsonNode> query(String sql) {
    JsonService.Answer answer = http.post("/query/sql", Json.write(Map.of("sql", sql)));
    return Optional.of(answer)
        .filter(JsonService.Answer::isOk)
        .map(http::read)
        .filter(json -> json.path("exceptions").isEmpty() && json.hasNonNull("resultTable"));
  }

  /** Waits until a table answers a query. */
  public void awaitAnswer(String table) {
    await("Pinot's table '" + table + "' to answer", "SELECT COUNT(*) FROM " + table);
  }

  /** Waits until every segment of a table can search the text of a column. */
  public void awaitText(String table, String column) {
    await(
        "Pinot's table '" + table + "' to search the text of '" + column + "'",
        "SELECT COUNT(*) FROM " + table + " WHERE TEXT_MATCH(\"" + column + "\", 'recount')");
  }

  private void await(String what, String sql) {
    Deadline.after(TABLE_PATIENCE).require(what, POLL, () -> rows(sql).isPresent());
  }
}
