package dev.recount.batch.recompute;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Calls to one of Pinot's HTTP services; every failure is PINOT_UNAVAILABLE with its answer. */
public final class PinotHttp {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofMinutes(5);
  private static final int LONGEST_QUOTE = 500;

  private final String base;
  private final HttpClient client;

  public PinotHttp(String base) {
    this.base = base;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
  }

  public JsonNode get(String path) {
    return json(send(request(path).GET().build(), path));
  }

  /** Like {@link #get}, but missing where Pinot says 404. */
  public JsonNode find(String path) {
    HttpResponse<String> response = exchange(request(path).GET().build(), path);
    return response.statusCode() == 404 ? MissingNode.getInstance() : json(checked(response, path));
  }

  public JsonNode post(String path, Object body) {
    return json(
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.write(body)))
                .build(),
            path));
  }

  JsonNode upload(String path, String contentType, HttpRequest.BodyPublisher body) {
    return json(send(request(path).header("Content-Type", contentType).POST(body).build(), path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path)).timeout(CALL);
  }

  private HttpResponse<String> send(HttpRequest request, String path) {
    return checked(exchange(request, path), path);
  }

  private HttpResponse<String> exchange(HttpRequest request, String path) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      String reason = e.getMessage() == null ? e.toString() : e.getMessage();
      throw unavailable(path, reason + "; is the stack up? (recount status)", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(path, "interrupted", e);
    }
  }

  private HttpResponse<String> checked(HttpResponse<String> response, String path) {
    if (response.statusCode() / 100 != 2) {
      String body = response.body();
      throw unavailable(
          path,
          "HTTP "
              + response.statusCode()
              + " "
              + body.substring(0, Math.min(body.length(), LONGEST_QUOTE)),
          null);
    }
    return response;
  }

  private JsonNode json(HttpResponse<String> response) {
    try {
      JsonNode node = Json.MAPPER.readTree(response.body());
      return node == null ? MissingNode.getInstance() : node;
    } catch (JsonProcessingException e) {
      throw unavailable(response.uri().getPath(), "its answer is not JSON", e);
    }
  }

  private RecountException unavailable(String path, String reason, Exception cause) {
    return new RecountException(
        ErrorCode.PINOT_UNAVAILABLE, "Cannot ask Pinot at " + base + path + ": " + reason, cause);
  }
}
