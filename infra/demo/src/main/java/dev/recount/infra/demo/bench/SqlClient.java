package dev.recount.infra.demo.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.http.ServingClient;
import java.time.Duration;
import java.util.Map;

/** Asks the serving layer merged queries over HTTP, as any client would. */
final class SqlClient {
  private final JsonService http;

  SqlClient(RecountConfig config) {
    this.http = ServingClient.of(config, Duration.ofMinutes(1));
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
    JsonService.Answer answer = http.post("/v1/sql", Json.write(Map.of("sql", sql)));
    JsonNode body = http.read(answer);
    if (!answer.isOk()) {
      throw RecountException.of(
          ErrorCode.QUERY_FAILED, "Cannot measure '%s': %s", sql, body.path("message").asText());
    }
    return body;
  }

  long number(String sql) {
    return rows(sql).path(0).path(0).asLong();
  }
}
