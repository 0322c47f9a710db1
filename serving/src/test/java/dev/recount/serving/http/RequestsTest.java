package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.serving.request.Drain;
import dev.recount.serving.request.Limits;
import io.javalin.Javalin;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.core.LogEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every request goes through, whatever answers it. */
class RequestsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path home;
  private final HttpClient client = HttpClient.newHttpClient();
  private final Drain drain = new Drain();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private LoggedLines logged;
  private Javalin app;

  @BeforeEach
  void start() {
    logged = new LoggedLines();
    RecountConfig config =
        RecountConfig.load(home, Optional.empty(), Map.of("RECOUNT_SERVING_IDLE_TIMEOUT", "500ms"));
    app =
        ApiServer.create(
            config.serving(),
            new Limits(config.serving().limits(), System::nanoTime),
            drain,
            List.of(),
            Clock.systemUTC(),
            settings -> {});
    app.get("/things/{thing}", context -> context.result("\"" + context.pathParam("thing") + "\""));
    app.get(
        "/fault",
        HttpErrors.answered(
            context -> {
              throw new IllegalStateException("of a test");
            }));
    app.get(
        "/wait",
        context -> {
          begun.countDown();
          release.await();
          context.result("\"done\"");
        });
    app.post(
        "/body", HttpErrors.answered(context -> context.result("" + context.bodyAsBytes().length)));
    app.get("/health/ready", context -> context.result("\"" + drain.isAnnounced() + "\""));
    app.start("127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    release.countDown();
    app.stop();
    logged.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String id(HttpResponse<String> answer) {
    return answer.headers().firstValue("X-Request-Id").orElseThrow();
  }

  /** Sends bytes as they are; what came back until the server closed. */
  private String raw(byte[]... parts) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", app.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      OutputStream out = socket.getOutputStream();
      for (byte[] part : parts) {
        out.write(part);
      }
      out.flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private JsonNode line(String requestId) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                logged.of("requests").stream()
                    .map(e -> Json.read(e.getMessage().getFormattedMessage(), JsonNode.class))
                    .filter(line -> line.path("request_id").asText().equals(requestId))
                    .findFirst()
                    .orElse(null),
            found -> found != null);
  }

  @Test
  void id_isTheClients_andInTheLogOfRequests() throws Exception {
    HttpResponse<String> answer =
        send(request("/things/a%20b?where=secret").header("X-Request-Id", "mine-1:2.3_4=@+"));
    assertThat(id(answer)).isEqualTo("mine-1:2.3_4=@+");
    JsonNode line = line("mine-1:2.3_4=@+");
    assertThat(line.path("endpoint").asText()).isEqualTo("/things/{thing}");
    assertThat(line.path("path").asText()).isEqualTo("/things/a%20b");
    assertThat(line.path("method").asText()).isEqualTo("GET");
    assertThat(line.path("status").asInt()).isEqualTo(200);
    assertThat(line.path("code").isNull()).isTrue();
    assertThat(line.path("seconds").asDouble()).isPositive();
    assertThat(line.path("sent").asLong()).isPositive();
    assertThat(line.toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\"b", "a;b", "a,b", "\u00e4", "$(id)"})
  void id_isANewOne_ifTheClientsIsNotWellFormed(String given) throws Exception {
    String answer =
        raw(
            ("GET /things/1 HTTP/1.1\r\nHost: x\r\nX-Request-Id: "
                    + given
                    + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
    assertThat(answer).startsWith("HTTP/1.1 200 ");
    assertThat(answer).containsPattern("X-Request-Id: [0-9a-f]{8}-[0-9a-f-]{27}\r\n");
    assertThat(
            raw(
                ascii(
                    "GET /things/1 HTTP/1.1\r\nHost: x\r\nX-Request-Id: "
                        + "x".repeat(101)
                        + "\r\nConnection: close\r\n\r\n")))
        .containsPattern("X-Request-Id: [0-9a-f]{8}-[0-9a-f-]{27}\r\n");
  }

  @Test
  void id_isInEachError_andInWhatItsRequestLogs() throws Exception {
    for (String path : List.of("/nothing", "/things/%ff", "/fault")) {
      HttpResponse<String> answer =
          send(request(path).header("X-Request-Id", "of" + path.hashCode()));
      assertThat(id(answer)).isEqualTo("of" + path.hashCode());
      assertThat(Json.read(answer.body(), JsonNode.class).path("request_id").asText())
          .isEqualTo(id(answer));
    }
    assertThat(logged.of("dev.recount"))
        .singleElement()
        .satisfies(
            event -> {
              LogEvent fault = event;
              assertThat(fault.getMessage().getFormattedMessage()).contains("/fault failed");
              assertThat(fault.getContextData().<String>getValue("request_id"))
                  .isEqualTo("of" + "/fault".hashCode());
            });
    JsonNode line = line("of" + "/fault".hashCode());
    assertThat(line.path("status").asInt()).isEqualTo(500);
    assertThat(line.path("code").asText()).isEqualTo("INTERNAL");
    assertThat(line("of" + "/nothing".hashCode()).path("endpoint").isNull()).isTrue();
    assertThat(line("of" + "/things/%ff".hashCode()).path("endpoint").asText())
        .isEqualTo("/things/{thing}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/1.1", "GET * HTTP/1.1\r\nHost: x", "PATCH * HTTP/1.1\r\nHost: x"})
  void whatAsksForNothing_hasAnIdToo(String request) throws Exception {
    String answer = raw(ascii(request + "\r\nConnection: close\r\n\r\n"));
    JsonNode body = Json.read(answer.substring(answer.indexOf("\r\n\r\n")), JsonNode.class);
    String id = body.path("request_id").asText();
    assertThat(id).isNotEmpty();
    assertThat(answer).contains("X-Request-Id: " + id + "\r\n");
    assertThat(line(id).path("status").asInt()).isEqualTo(400);
  }

  @Test
  void endingProcess_finishesWhatRuns_andTakesNothingNew() throws Exception {
    CompletableFuture<HttpResponse<String>> running =
        client.sendAsync(request("/wait").build(), HttpResponse.BodyHandlers.ofString());
    begun.await();
    assertThat(drain.running()).isEqualTo(1);
    drain.announce();
    assertThat(send(request("/health/ready")).body()).isEqualTo("\"true\"");
    HttpResponse<String> still = send(request("/things/1"));
    assertThat(still.statusCode()).isEqualTo(200);
    assertThat(still.headers().firstValue("Connection")).contains("close");
    await().atMost(PATIENCE).until(() -> drain.running() == 1);
    assertThat(drain.close(Duration.ZERO)).as("requests that still run").isEqualTo(1);
    HttpResponse<String> late = send(request("/things/1"));
    assertThat(late.statusCode()).isEqualTo(503);
    assertThat(late.headers().firstValue("Connection")).contains("close");
    JsonNode refused = Json.read(late.body(), JsonNode.class);
    assertThat(refused.path("code").asText()).isEqualTo("STOPPING");
    assertThat(refused.path("request_id").asText()).isEqualTo(id(late));
    assertThat(line(id(late)).path("code").asText()).isEqualTo("STOPPING");
    assertThat(send(request("/health/ready")).statusCode()).isEqualTo(200);
    release.countDown();
    assertThat(drain.close(PATIENCE)).isZero();
    assertThat(running.get().body()).isEqualTo("\"done\"");
  }

  @Test
  void bodyWithoutEnd_isRefusedAtTheCap() throws IOException {
    byte[] chunk = new byte[1 << 20];
    try (Socket socket = new Socket("127.0.0.1", app.port())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      OutputStream out = socket.getOutputStream();
      out.write(ascii("POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
      CompletableFuture.runAsync(
          () -> {
            try {
              while (true) {
                out.write(ascii("100000\r\n"));
                out.write(chunk);
                out.write(ascii("\r\n"));
              }
            } catch (IOException e) {
              // The connection is closed, by the server or below.
              return;
            }
          });
      byte[] start = socket.getInputStream().readNBytes(12);
      assertThat(new String(start, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
    }
  }

  @Test
  void bodyThatStops_isGivenUp() throws IOException {
    String answer = raw(ascii("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"));
    assertThat(answer).startsWith("HTTP/1.1 400 ").contains("did not come in time");
    assertThat(logged.of("dev.recount")).isEmpty();
  }

  @Test
  void clientThatLeaves_isNoFailureOfOurs() throws IOException {
    for (int i = 0; i < 20; i++) {
      try (Socket socket = new Socket("127.0.0.1", app.port())) {
        socket
            .getOutputStream()
            .write(ascii("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"));
      }
    }
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(logged.of("requests")).hasSize(20));
    assertThat(drain.running()).isZero();
    assertThat(logged.of("dev.recount")).isEmpty();
  }
}
