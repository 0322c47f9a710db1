package dev.recount.serving.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.pinot.client.BrokerResponse;
import org.apache.pinot.client.PinotClientException;
import org.apache.pinot.client.PinotClientTransport;

/**
 * The way of Pinot's client to a broker. The client's own drops the number of segments that the
 * broker pruned, without which an answer cannot be shown to be complete; this one adds it to the
 * number of segments queried.
 */
final class BrokerTransport implements PinotClientTransport<Void> {
  /** The broker's answer is an error of HTTP's. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    Refused(int status) {
      super("the broker answered with HTTP " + status);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  private final HttpClient http;
  private final String scheme;
  private final Duration timeout;

  BrokerTransport(HttpClient http, String scheme, Duration timeout) {
    this.http = http;
    this.scheme = scheme;
    this.timeout = timeout;
  }

  @Override
  public BrokerResponse executeQuery(String broker, String query) {
    try {
      return executeQueryAsync(broker, query).get();
    } catch (ExecutionException e) {
      throw new PinotClientException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PinotClientException(e);
    }
  }

  @Override
  public CompletableFuture<BrokerResponse> executeQueryAsync(String broker, String query) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(scheme + "://" + broker + "/query/sql"))
            .timeout(timeout)
            .header("Content-Type", "application/json; charset=utf-8")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", query))))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
        .thenApply(BrokerTransport::read);
  }

  private static BrokerResponse read(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        // Its body is left alone: Pinot may never end it.
        throw new Refused(response.statusCode());
      }
      JsonNode json = Json.MAPPER.readTree(body);
      ((ObjectNode) json)
          .put(
              "numSegmentsQueried",
              json.path("numSegmentsQueried").asLong()
                  + json.path("numSegmentsPrunedByBroker").asLong());
      return BrokerResponse.fromJson(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {}
}
