package dev.recount.batch.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.http.ServingClient;
import java.time.Duration;
import java.util.Map;

/** Asks the gateway as any client does. */
final class GatewayClient {
  private final JsonService http;

  GatewayClient(RecountConfig config) {
    this.http = ServingClient.of(config, Duration.ofMinutes(5));
  }

  /** The rows of an answer: a JSON array of arrays. */
  JsonNode rows(String sql, String mode) {
    JsonService.Answer answer = http.post("/v1/sql", Json.write(Map.of("sql", sql, "mode", mode)));
    JsonNode body = http.read(answer);
    if (!answer.isOk()) {
      boolean tooMany = body.path("code").asText().equals(ErrorCode.TOO_MANY_GROUPS.name());
      throw new RecountException(
          tooMany ? ErrorCode.TOO_MANY_GROUPS : ErrorCode.QUERY_FAILED,
          "Cannot audit: the gateway answered HTTP %d %s %s to: %s"
              .formatted(
                  answer.status(), body.path("code").asText(), body.path("message").asText(), sql));
    }
    return body.path("rows");
  }
}
