package dev.recount.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;

/** The serving layer's HTTP endpoints, as a client sees them. */
final class Gateway {
  private final HttpClient client = HttpClient.newHttpClient();
  private final String base;

  Gateway(RecountConfig config) {
    this.base = "http://localhost:" + config.ports().serving();
  }

  record Reply(int status, JsonNode body) {}

  Reply sql(String sql, String mode) {
    return post("/v1/sql", Json.write(Map.of("sql", sql, "mode", mode)));
  }

  /** An answer that was begun after it was asked for. */
  Reply anew(String sql, String mode) {
    return send(
        posted("/v1/sql", Json.write(Map.of("sql", sql, "mode", mode)))
            .header("Cache-Control", "no-cache")
            .build());
  }

  Reply post(String path, String body) {
    return send(posted(path, body).build());
  }

  private HttpRequest.Builder posted(String path, String body) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  /** Sends a body that is packed, or said to be. */
  Reply post(String path, byte[] body, String encoding) {
    return send(
        HttpRequest.newBuilder(URI.create(base + path))
            .header("Content-Encoding", encoding)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build());
  }

  Reply get(String path) {
    return send(HttpRequest.newBuilder(URI.create(base + path)).build());
  }

  private Reply send(HttpRequest request) {
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      return new Reply(response.statusCode(), Json.MAPPER.readTree(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** First column to second column of an answer; fails where the answer is an error. */
  Map<String, Long> groups(String sql, String mode) {
    Reply reply = sql(sql, mode);
    if (reply.status() != 200) {
      throw new AssertionError(reply.status() + " " + reply.body());
    }
    Map<String, Long> groups = new TreeMap<>();
    reply.body().get("rows").forEach(row -> groups.put(row.get(0).asText(), row.get(1).asLong()));
    return groups;
  }

  /** The one number that the query answers; 0 if there is no row or it is NULL. */
  long number(String sql, String mode) {
    Reply reply = sql(sql, mode);
    if (reply.status() != 200) {
      throw new AssertionError(reply.status() + " " + reply.body());
    }
    return reply.body().at("/rows/0/0").asLong();
  }
}
