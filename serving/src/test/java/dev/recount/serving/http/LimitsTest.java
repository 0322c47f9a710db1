package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.serving.gateway.SlowServing;
import io.javalin.Javalin;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Too much is refused at once, and says when to ask again; what says how things are is not. */
class LimitsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);

  @TempDir private Path home;
  private final HttpClient client = HttpClient.newHttpClient();
  private SlowServing serving;
  private Javalin server;

  private void open(Map<String, String> settings) throws Exception {
    serving = new SlowServing(home, settings);
    server =
        new HttpApi(
                serving.config(),
                serving.catalog(),
                serving.gateway(),
                null,
                null,
                Clock.systemUTC())
            .listen(0);
  }

  @AfterEach
  void close() {
    serving.pinot().close();
    server.stop();
    serving.close();
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path), HttpResponse.BodyHandlers.ofString());
  }

  private static String code(HttpResponse<String> answer) {
    return Json.read(answer.body(), JsonNode.class).path("code").asText();
  }

  /** Questions that hang in Pinot, and are there when this returns. */
  private List<CompletableFuture<HttpResponse<String>>> hang(int count) {
    serving.pinot().answer("/query/sql", body -> null);
    List<CompletableFuture<HttpResponse<String>>> questions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      questions.add(
          client.sendAsync(
              request("/v1/views/slow?mode=batch&limit=" + (i + 1)),
              HttpResponse.BodyHandlers.ofString()));
    }
    Deadline.after(SOON)
        .require(
            count + " questions", POLL, () -> serving.gateway().running().list().size() == count);
    return questions;
  }

  private static void requireRefused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(code(answer)).isEqualTo(code);
    assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElseThrow()))
        .isPositive();
  }

  @Test
  void moreRequestsThanFit_areRefusedAtOnce_butForHealthAndMetrics() throws Exception {
    open(Map.of("RECOUNT_SERVING_LIMITS_REQUESTS", "3"));
    hang(3);
    HttpResponse<String> refused = get("/v1/views/slow?mode=batch");
    requireRefused(refused, 503, "OVERLOADED");
    assertThat(refused.body()).contains("3 requests", "serving.limits.requests");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    HttpResponse<String> metrics = get("/metrics");
    assertThat(metrics.statusCode()).isEqualTo(200);
    assertThat(metrics.body()).contains("code=\"OVERLOADED\"");
  }

  @Test
  void moreQueriesThanPinotIsAsked_waitForAWhile_andAreRefused() throws Exception {
    open(Map.of("RECOUNT_SERVING_LIMITS_QUERIES", "2", "RECOUNT_SERVING_LIMITS_QUEUE", "100ms"));
    hang(2);
    HttpResponse<String> refused = get("/v1/views/slow?mode=batch&limit=77");
    requireRefused(refused, 503, "OVERLOADED");
    assertThat(refused.body()).contains("2 queries", "serving.limits.queries");
  }

  @Test
  void oneWhoAsksTooMuchAtATime_isToldWhenToAskAgain() throws Exception {
    open(Map.of("RECOUNT_SERVING_LIMITS_CONCURRENT", "2"));
    hang(2);
    requireRefused(get("/v1/views"), 429, "TOO_MANY_REQUESTS");
  }

  @Test
  void oneWhoAsksTooOften_isToldWhenToAskAgain() throws Exception {
    open(Map.of("RECOUNT_SERVING_LIMITS_RATE", "1"));
    List<Integer> statuses = new ArrayList<>();
    Deadline deadline = Deadline.after(SOON);
    HttpResponse<String> answer;
    do {
      answer = get("/v1/versions");
      statuses.add(answer.statusCode());
    } while (answer.statusCode() == 200 && !deadline.isExpired());
    assertThat(statuses).startsWith(200, 200);
    requireRefused(answer, 429, "TOO_MANY_REQUESTS");
  }

  @Test
  void largerAnswersThanAllowed_areRefused_withTheCap() throws Exception {
    open(Map.of("RECOUNT_SERVING_LIMITS_ANSWER_SIZE", "1000B"));
    serving.pinot().answer("/query/sql", body -> "{\"x\":\"" + "y".repeat(2_000) + "\"}");
    HttpResponse<String> answer = get("/v1/views/slow?mode=batch");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(code(answer)).isEqualTo("ANSWER_TOO_LARGE");
    assertThat(answer.body()).contains("1000 bytes", "serving.limits.answer-size");
  }

  @Test
  void questionIsAskedAnew_onlyIfItsHeaderSaysSo() throws Exception {
    open(Map.of("RECOUNT_SERVING_CACHE_AGE", "1m"));
    serving
        .pinot()
        .answer(
            "/query/sql",
            body ->
                ("{\"resultTable\":{\"dataSchema\":{\"columnNames\":[\"c\"],"
                        + "\"columnDataTypes\":[\"LONG\"]},\"rows\":[[%d]]},\"exceptions\":[],"
                        + "\"numSegmentsQueried\":1,\"numDocsScanned\":1}")
                    .formatted(serving.pinot().asked("/query/sql")));
    String path = "/v1/views/slow?mode=batch&select=requests";
    String first = get(path).body();
    assertThat(first).contains("\"rows\":[[1]]");
    assertThat(get(path).body()).contains("\"rows\":[[1]]");
    for (String header : List.of("no-cache", "max-age=0", "max-age=9, No-Store")) {
      int before = serving.pinot().asked("/query/sql");
      HttpRequest anew =
          HttpRequest.newBuilder(request(path), (name, value) -> true)
              .header("Cache-Control", header)
              .build();
      String answer = client.send(anew, HttpResponse.BodyHandlers.ofString()).body();
      assertThat(answer).as(header).contains("\"rows\":[[" + (before + 1) + "]]");
      assertThat(serving.pinot().asked("/query/sql")).as(header).isEqualTo(before + 1);
      assertThat(get(path).body()).as("the newer is kept").contains("[[" + (before + 1) + "]]");
    }
  }

  /** While a request is handled nobody reads from its connection. */
  @Test
  void clientThatLeaves_endsItsQuery() throws Exception {
    open(Map.of());
    serving.pinot().answer("/query/sql", body -> null);
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket
          .getOutputStream()
          .write(
              "GET /v1/views/slow?mode=batch HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      Deadline.after(SOON)
          .require("the question", POLL, () -> !serving.gateway().running().list().isEmpty());
    }
    Deadline.after(SOON)
        .require("its end", POLL, () -> serving.gateway().running().list().isEmpty());
    assertThat(get("/v1/queries").body()).isEqualTo("{\"queries\":[]}");
  }

  /** What a client sends ahead of its answers is answered in turn. */
  @Test
  void requestsSentAhead_areAnsweredInTurn() throws Exception {
    open(Map.of());
    serving
        .pinot()
        .answer(
            "/query/sql",
            body -> {
              Deadline.after(SOON).pause(Duration.ofMillis(700));
              return "{\"exceptions\":[{\"errorCode\":150,\"message\":\"m\"}]}";
            });
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      String get = "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n";
      socket
          .getOutputStream()
          .write(
              get.formatted("/v1/views/slow?mode=batch", "").getBytes(StandardCharsets.US_ASCII));
      Deadline.after(SOON)
          .require("the question", POLL, () -> !serving.gateway().running().list().isEmpty());
      socket
          .getOutputStream()
          .write(
              get.formatted("/health/live", "Connection: close\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answers =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answers).contains("QUERY_FAILED", "{\"status\":\"UP\"}");
      assertThat(answers.indexOf("QUERY_FAILED")).isLessThan(answers.indexOf("UP"));
    }
  }
}
