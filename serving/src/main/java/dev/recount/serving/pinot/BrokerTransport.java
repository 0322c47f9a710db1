package dev.recount.serving.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.Json;
import java.io.FilterInputStream;
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

  /** The broker's answer is larger than is allowed. */
  static final class TooLarge extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooLarge(long mostBytes) {
      super("the broker answered with more than " + mostBytes + " bytes");
    }
  }

  private final HttpClient http;
  private final String scheme;
  private final Duration timeout;
  private final long mostBytes;

  /**
   * @param mostBytes of one answer
   */
  BrokerTransport(HttpClient http, String scheme, Duration timeout, long mostBytes) {
    this.mostBytes = mostBytes;
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
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream()).thenApply(this::read);
  }

  private BrokerResponse read(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        // Its body is left alone: Pinot may never end it.
        throw new Refused(response.statusCode());
      }
      JsonNode json = Json.MAPPER.readTree(new Counted(body, mostBytes));
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

  /** Ends a stream that has too many bytes. */
  private static final class Counted extends FilterInputStream {
    private final long most;
    private long count;

    Counted(InputStream in, long most) {
      super(in);
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      return counted(super.read(), 1);
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = super.read(bytes, from, length);
      return counted(read, read);
    }

    private int counted(int result, int bytes) {
      count += Math.max(0, bytes);
      if (count > most) {
        throw new TooLarge(most);
      }
      return result;
    }
  }

  @Override
  public void close() {}
}
