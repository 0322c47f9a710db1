package dev.recount.serving.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where a broker sends the queries of a table. In Pinot 0.11.0 a change of a table reaches a
 * broker's parts in this order: which segments there are, what their times are, which server has
 * them, and last the time boundary. So where the boundary and then the routed segments are what
 * they should be, and the routed segments are still the same afterwards, a query in between saw
 * exactly those.
 */
final class PinotRouting {
  /** How long a look at Pinot may take, also where the query has more time. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient http;
  private final RecountConfig.Pinot pinot;

  PinotRouting(HttpClient http, RecountConfig.Pinot pinot) {
    this.http = http;
    this.pinot = pinot;
  }

  /**
   * What a broker routes.
   *
   * @param boundaryMs OFFLINE is served up to this arrival; null where there is no OFFLINE part
   */
  record Snapshot(Long boundaryMs, Set<String> offline, Set<String> realtime) {}

  /** The broker's present state; the boundary is read first. */
  Snapshot snapshot(String table, Deadline deadline) {
    Long boundary =
        get(pinot.broker() + "/debug/timeBoundary/" + table, deadline)
            .map(json -> json.path("timeValue").asLong())
            .orElse(null);
    Optional<JsonNode> routes = get(pinot.broker() + "/debug/routingTable/" + table, deadline);
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
  boolean isBrokerUp() {
    try {
      return send(pinot.broker() + "/health", TIMEOUT).statusCode() == 200;
    } catch (RecountException e) {
      return false;
    }
  }

  /**
   * Reads a JSON document; empty where there is none (404).
   *
   * @throws RecountException QUERY_TIMEOUT, PINOT_UNAVAILABLE
   */
  Optional<JsonNode> get(String url, Deadline deadline) {
    Duration left = deadline.remaining();
    if (left.toMillis() == 0) {
      throw QueryErrors.timeout();
    }
    HttpResponse<String> response = send(url, TIMEOUT.compareTo(left) < 0 ? TIMEOUT : left);
    if (response.statusCode() == 404) {
      return Optional.empty();
    }
    if (response.statusCode() != 200) {
      throw unavailable("it answered with HTTP " + response.statusCode(), url, null);
    }
    try {
      return Optional.of(Json.MAPPER.readTree(response.body()));
    } catch (JsonProcessingException e) {
      throw unavailable("its answer is no JSON", url, e);
    }
  }

  /** The time holds for the whole answer; the client's own ends with the answer's first line. */
  private HttpResponse<String> send(String url, Duration timeout) {
    CompletableFuture<HttpResponse<String>> sent =
        http.sendAsync(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    try {
      return sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw unavailable("it does not answer", url, e);
    } catch (TimeoutException e) {
      throw unavailable("it does not answer in time", url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("the wait was interrupted", url, e);
    } finally {
      sent.cancel(true);
    }
  }

  private static RecountException unavailable(String reason, String url, Exception cause) {
    return new RecountException(
        ErrorCode.PINOT_UNAVAILABLE,
        "Cannot ask Pinot at '" + url + "': " + reason + "; see recount status",
        cause);
  }
}
