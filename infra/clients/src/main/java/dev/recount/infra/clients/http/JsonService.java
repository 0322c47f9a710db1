package dev.recount.infra.clients.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A service that takes and gives JSON over HTTP. If it does not answer, or not in time, each call
 * throws a {@link RecountException} with the code of the service. Thread-safe.
 */
public final class JsonService {
  private static final String JSON = "application/json";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int LONGEST_QUOTE = 500;
  private static final Duration RETRY = Duration.ofMillis(500);

  /** For services without TLS: reading the trusted certificates takes a short command's time. */
  private static final class Plain {
    static final HttpClient CLIENT = client().sslContext(trustingNobody()).build();

    private static SSLContext trustingNobody() {
      try {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[0], new TrustManager[0], null);
        return context;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final class Secure {
    static final HttpClient CLIENT = client().build();
  }

  private final String name;
  private final String base;
  private final Duration patience;
  private final Duration away;
  private final ErrorCode unavailable;
  private final Supplier<Optional<String>> key;

  /**
   * @param name for messages
   * @param base URL without a trailing slash
   * @param patience how long an answer may take, to its end
   */
  public JsonService(String name, String base, Duration patience, ErrorCode unavailable) {
    this(name, base, patience, Duration.ZERO, unavailable);
  }

  /**
   * One that waits for a service that is away.
   *
   * @param away how long a request is sent again while nothing takes it
   */
  public JsonService(
      String name, String base, Duration patience, Duration away, ErrorCode unavailable) {
    this(name, base, patience, away, unavailable, Optional::empty);
  }

  private JsonService(
      String name,
      String base,
      Duration patience,
      Duration away,
      ErrorCode unavailable,
      Supplier<Optional<String>> key) {
    this.key = key;
    this.name = name;
    this.base = base;
    this.patience = patience;
    this.away = away;
    this.unavailable = unavailable;
  }

  /**
   * The same, asked with a key.
   *
   * @param newKey asked before each request; empty: with none
   */
  JsonService with(Supplier<Optional<String>> newKey) {
    return new JsonService(name, base, patience, away, unavailable, newKey);
  }

  /**
   * What a service answered, whatever its status.
   *
   * @param headers by their names in small letters, the first of each
   */
  public record Answer(int status, String text, Map<String, String> headers) {
    /** Whether it did what was asked. */
    public boolean isOk() {
      return status / 100 == 2;
    }
  }

  public Answer get(String path) {
    return send(request(path), patience);
  }

  /** Asks with a header. */
  Answer get(String path, String header, String value) {
    return send(request(path).header(header, value), patience);
  }

  private static Map<String, String> headers(HttpResponse<?> response) {
    Map<String, String> headers = new HashMap<>();
    response
        .headers()
        .map()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    return headers;
  }

  /**
   * @param json is sent as it is
   */
  public Answer post(String path, String json) {
    return post(path, JSON, BodyPublishers.ofString(json));
  }

  public Answer post(String path, String contentType, BodyPublisher body) {
    return send(request(path).header("Content-Type", contentType).POST(body), patience);
  }

  /**
   * @param json is sent as it is
   */
  public Answer put(String path, String json) {
    return send(
        request(path).header("Content-Type", JSON).PUT(BodyPublishers.ofString(json)), patience);
  }

  public Answer delete(String path) {
    return send(request(path).DELETE(), patience);
  }

  /**
   * Reads what is there; empty if nothing is (404).
   *
   * @param limit how long the answer may take
   */
  public Optional<JsonNode> find(String path, Duration limit) {
    Answer answer = send(request(path), limit);
    return answer.status() == NOT_FOUND
        ? Optional.empty()
        : Optional.of(require("read '" + base + path + "'", answer));
  }

  /** Whether it answers there, and says that it is well. */
  public boolean isUp(String path) {
    try {
      return get(path).status() == OK;
    } catch (RecountException e) {
      return false;
    }
  }

  /**
   * The JSON of an answer.
   *
   * @param what was asked: {@code Cannot <what>}
   * @throws RecountException if the service did not do it
   */
  public JsonNode require(String what, Answer answer) {
    if (!answer.isOk()) {
      String text = answer.text();
      throw new RecountException(
          unavailable,
          "Cannot %s: %s answered with HTTP %d %s"
              .formatted(
                  what,
                  name,
                  answer.status(),
                  text.substring(0, Math.min(text.length(), LONGEST_QUOTE))));
    }
    return read(answer);
  }

  /**
   * The JSON of an answer, whatever its status.
   *
   * @throws RecountException if it is none
   */
  public JsonNode read(Answer answer) {
    try {
      JsonNode node = Json.MAPPER.readTree(answer.text());
      return node == null ? MissingNode.getInstance() : node;
    } catch (JsonProcessingException e) {
      throw new RecountException(
          unavailable,
          "Cannot read the answer of %s at '%s': it is not JSON; see recount status"
              .formatted(name, base),
          e);
    }
  }

  /** Pinot never answers a POST that offers an upgrade to HTTP/2. */
  private static HttpClient.Builder client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(5));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
    key.get().ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    return request;
  }

  private Answer send(HttpRequest.Builder builder, Duration limit) {
    HttpRequest request = builder.build();
    Deadline end = Deadline.after(away);
    while (true) {
      try {
        return send(request, limit);
      } catch (ExecutionException e) {
        if (end.isExpired() || !mayBeSentAgain(request, e.getCause())) {
          throw unavailable(request.uri(), "it does not answer (" + e.getCause() + ")", e);
        }
      }
      end.pause(RETRY);
    }
  }

  /** What only reads may be sent twice; the rest only if certainly nobody has taken it. */
  private static boolean mayBeSentAgain(HttpRequest request, Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof HttpConnectTimeoutException
        || cause instanceof IOException && request.method().equals("GET");
  }

  /** The time holds for the whole answer; the client's own ends with the answer's first line. */
  private Answer send(HttpRequest request, Duration limit) throws ExecutionException {
    HttpClient client = base.startsWith("http:") ? Plain.CLIENT : Secure.CLIENT;
    CompletableFuture<HttpResponse<String>> sent =
        client.sendAsync(request, BodyHandlers.ofString());
    try {
      HttpResponse<String> response = sent.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(response.statusCode(), response.body(), headers(response));
    } catch (TimeoutException e) {
      throw unavailable(request.uri(), "it does not answer within " + DurationText.of(limit), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(request.uri(), "the wait was interrupted", e);
    } finally {
      sent.cancel(true);
    }
  }

  private RecountException unavailable(URI uri, String reason, Exception cause) {
    return new RecountException(
        unavailable,
        "Cannot ask %s at '%s': %s; is the stack up? (recount status)".formatted(name, uri, reason),
        cause);
  }
}
