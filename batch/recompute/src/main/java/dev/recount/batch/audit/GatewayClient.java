package dev.recount.batch.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** Asks the gateway as any client does. */
final class GatewayClient {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofMinutes(5);

  private final URI address;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  GatewayClient(int port) {
    this.address = URI.create("http://localhost:" + port + "/v1/sql");
  }

  /** The rows of an answer: a JSON array of arrays. */
  JsonNode rows(String sql, String mode) {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql, "mode", mode))))
            .build();
    try {
      HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
      JsonNode body = Json.MAPPER.readTree(response.body());
      if (response.statusCode() != 200) {
        throw new RecountException(
            ErrorCode.QUERY_FAILED,
            "Cannot audit: the gateway answered HTTP "
                + response.statusCode()
                + " "
                + body.path("code").asText()
                + " "
                + body.path("message").asText()
                + " to: "
                + sql);
      }
      return body.path("rows");
    } catch (IOException e) {
      throw new RecountException(
          ErrorCode.STACK_DOWN,
          "Cannot ask the gateway at " + address + ": " + e + "; is the stack up? (recount status)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(ErrorCode.INTERNAL, "Cannot audit: interrupted", e);
    }
  }
}
