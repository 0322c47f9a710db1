package dev.recount.infra.clients.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class JsonServiceTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(200);

  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private String url;
  private JsonService service;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    answer("/fine", 200, "{\"a\": 1}");
    answer("/page", 200, "<html>");
    answer("/none", 404, "{}");
    answer("/broken", 500, "x".repeat(10_000));
    server.createContext(
        "/half",
        exchange -> {
          // The first half comes at once, the rest never.
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
    service = service(url, PATIENCE);
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(String path, int status, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  private static JsonService service(String url, Duration patience) {
    return new JsonService("Pinot", url, patience, ErrorCode.PINOT_UNAVAILABLE);
  }

  private static void assertUnavailable(Runnable call, String... words) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(call::run)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.PINOT_UNAVAILABLE))
        .satisfies(e -> assertThat(e.getMessage()).contains(words).hasSizeLessThan(1_000));
  }

  @Test
  void whatIsThere_isRead_andWhatIsNot_isEmpty() {
    assertThat(service.require("read", service.get("/fine")).path("a").asInt()).isEqualTo(1);
    assertThat(service.require("read", service.post("/fine", "{}")).path("a").asInt()).isOne();
    assertThat(service.find("/fine", PATIENCE)).isPresent();
    assertThat(service.find("/none", PATIENCE)).isEmpty();
    assertThat(service.isUp("/fine")).isTrue();
    assertThat(service.isUp("/none")).isFalse();
  }

  @Test
  void refusal_isShown_andNotAtAnyLength() {
    assertUnavailable(
        () -> service.require("create the table 't'", service.post("/broken", "{}")),
        "Cannot create the table 't': Pinot answered with HTTP 500 xxx");
    assertUnavailable(() -> service.find("/broken", PATIENCE), "/broken", "HTTP 500");
  }

  @Test
  void answerThatIsNotJson_isNamed() {
    assertUnavailable(() -> service.find("/page", PATIENCE), "not JSON");
  }

  @Test
  void answerThatDoesNotEnd_isNotWaitedForLongerThanAllowed() {
    assertUnavailable(() -> service.find("/half", SHORT), "does not answer within 200 ms");
    assertThat(service(url, SHORT).isUp("/half")).isFalse();
  }

  @Test
  void serviceThatIsAway_isNamed() throws IOException {
    server.stop(0);
    assertUnavailable(
        () -> service.get("/fine"), "Cannot ask Pinot at 'http://127.0.0.1:", "recount status");
  }
}
