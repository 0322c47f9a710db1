package dev.recount.serving.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.serving.sql.QueryErrors;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where a broker sends the queries of a table. In Pinot 0.11.0 a change of a table reaches a
 * broker's parts in this order: which segments there are, what their times are, which server has
 * them, and last the time boundary. So if the boundary and then the routed segments are what they
 * should be, and the routed segments are still the same afterwards, a query in between saw exactly
 * those.
 */
public final class PinotRouting {
  /** How long a look at Pinot may take, even if the query has more time. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final JsonService controller;
  private final JsonService broker;

  public PinotRouting(RecountConfig.Pinot pinot) {
    this.controller = service(pinot.controller());
    this.broker = service(pinot.broker());
  }

  private static JsonService service(String url) {
    return new JsonService("Pinot", url, TIMEOUT, ErrorCode.PINOT_UNAVAILABLE);
  }

  /**
   * What a broker routes.
   *
   * @param boundaryMs OFFLINE is served up to this arrival; null if there is no OFFLINE part
   */
  public record Snapshot(Long boundaryMs, Set<String> offline, Set<String> realtime) {}

  /** The broker's present state; the boundary is read first. */
  public Snapshot snapshot(String table, Deadline deadline) {
    Long boundary =
        find(broker, "/debug/timeBoundary/" + table, deadline)
            .map(json -> json.path("timeValue").asLong())
            .orElse(null);
    Optional<JsonNode> routes = find(broker, "/debug/routingTable/" + table, deadline);
    return new Snapshot(
        boundary, segments(routes, table + "_OFFLINE"), segments(routes, table + "_REALTIME"));
  }

  private static Set<String> segments(Optional<JsonNode> routes, String table) {
    Set<String> segments = new TreeSet<>();
    routes.ifPresent(
        json ->
            json.path(table).forEach(ofServer -> ofServer.forEach(s -> segments.add(s.asText()))));
    return segments;
  }

  /** Whether the broker answers and says that it is well. */
  public boolean isBrokerUp() {
    return broker.isUp("/health");
  }

  /** The queries that a broker runs, their texts by their numbers; empty if it does not say. */
  Optional<JsonNode> running() {
    JsonService.Answer answer = broker.get("/queries");
    return answer.isOk() ? Optional.of(broker.read(answer)) : Optional.empty();
  }

  /** Ends a query that a broker runs; one that has ended is none of its any more. */
  void cancel(String number) {
    broker.delete("/query/" + number);
  }

  /**
   * Asks the controller for a JSON document; empty if there is none (404).
   *
   * @throws RecountException QUERY_TIMEOUT, PINOT_UNAVAILABLE
   */
  Optional<JsonNode> ask(String path, Deadline deadline) {
    return find(controller, path, deadline);
  }

  private static Optional<JsonNode> find(JsonService service, String path, Deadline deadline) {
    Duration left = deadline.remaining();
    if (left.toMillis() == 0) {
      throw QueryErrors.timeout();
    }
    try {
      return service.find(path, TIMEOUT.compareTo(left) < 0 ? TIMEOUT : left);
    } catch (RecountException e) {
      throw deadline.remaining().toMillis() == 0 ? QueryErrors.timeout() : e;
    }
  }
}
