package dev.recount.infra.demo.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;

/** Asks the serving layer merged queries over HTTP, as any client would. */
final class SqlClient {
  private final HttpClient client = HttpClient.newHttpClient();
  private final URI uri;

  SqlClient(RecountConfig config) {
    this.uri = URI.create("http://localhost:" + config.ports().serving() + "/v1/sql");
  }

  /** The rows of the answer; an error of the gateway is thrown. */
  JsonNode rows(String sql) {
    return answer(sql).get("rows");
  }

  /** How old the newest of what the answer is made of may be, milliseconds. */
  long freshnessMs(String sql) {
    return answer(sql).at("/provenance/speed/freshness_ms").asLong(Long.MAX_VALUE);
  }

  private JsonNode answer(String sql) {
    try {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(uri)
                  .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql))))
                  .header("Content-Type", "application/json")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      JsonNode body = Json.MAPPER.readTree(response.body());
      if (response.statusCode() != 200) {
        throw new RecountException(
            ErrorCode.QUERY_FAILED,
            "Cannot measure '" + sql + "': " + body.path("message").asText());
      }
      return body;
    } catch (IOException e) {
      throw new RecountException(
          ErrorCode.STACK_DOWN, "Cannot ask " + uri + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(ErrorCode.INTERNAL, "Cannot ask: interrupted", e);
    }
  }

  long number(String sql) {
    return rows(sql).path(0).path(0).asLong();
  }
}
