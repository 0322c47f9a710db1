package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.config.Ports;
import dev.recount.infra.stack.ProcessStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the endpoints beside the queries say. */
@ExtendWith(WholeStack.class)
class HttpIT {
  private static Gateway gateway;

  @BeforeAll
  static void connect() {
    gateway = new Gateway(WholeStack.config());
  }

  private static JsonNode ok(String path) {
    Gateway.Reply reply = gateway.get(path);
    assertThat(reply.status()).as("%s: %s", path, reply.body()).isEqualTo(200);
    return reply.body();
  }

  /** Waits until an answer says how fresh it is, which takes a moment after the start. */
  private static void awaitFreshness(String path, String pointer) {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(() -> assertThat(ok(path).at(pointer).isNumber()).isTrue());
  }

  /** However many ports the libraries of a process open. */
  @Test
  void processesOfTheStack_listenOnTheLoopbackAddressOnly() throws IOException {
    assumeThat(ListeningSockets.areKnown()).as("the system lists sockets").isTrue();
    Map<String, List<ListeningSockets.Socket>> foreign = new TreeMap<>();
    Set<Integer> ports = new TreeSet<>();
    for (ProcessStatus process : WholeStack.stack().status()) {
      if (process.pid() != null) {
        List<ListeningSockets.Socket> sockets = ListeningSockets.of(process.pid());
        sockets.forEach(socket -> ports.add(socket.port()));
        foreign.put(process.name(), sockets.stream().filter(s -> !s.isLocal()).toList());
      }
    }
    Ports own = WholeStack.config().ports();
    assertThat(ports)
        .contains(own.serving(), own.kafka(), own.catalog(), own.zookeeper())
        .contains(own.pinotController(), own.pinotBroker(), own.pinotServer());
    assertThat(foreign)
        .containsKeys("archive", "speed")
        .allSatisfy((n, s) -> assertThat(s).isEmpty());
  }

  @Test
  void views_areDescribed() {
    JsonNode views = ok("/v1/views").path("views");
    assertThat(views.findValuesAsText("view")).contains("page_views", "traffic", "visitors");
    JsonNode traffic = null;
    for (JsonNode view : views) {
      traffic = view.path("view").asText().equals("traffic") ? view : traffic;
    }
    assertThat(traffic.path("event").asText()).isEqualTo("page_view");
    assertThat(traffic.path("dimensions").findValuesAsText("name"))
        .containsExactly("hour", "method", "status");
    assertThat(traffic.path("measures").findValuesAsText("name"))
        .containsExactly("requests", "bytes", "min_bytes", "max_bytes", "avg_bytes");
    assertThat(traffic.path("measures").findValuesAsText("kind"))
        .containsExactly("COUNT", "SUM", "MIN", "MAX", "AVERAGE");
    assertThat(traffic.path("measures").findValuesAsText("ask"))
        .contains("MEASURE(requests)", "MEASURE(avg_bytes)");
    assertThat(traffic.path("time").asText()).isEqualTo("hour");
    assertThat(traffic.has("cut")).isTrue();
    awaitFreshness("/v1/views", "/views/0/freshness_ms");
    assertThat(traffic.path("sql").asText()).contains("FROM page_view");
  }

  @Test
  void view_answersAsSqlDoes() throws IOException {
    WholeStack.ingest("http.log", new AccessLog(21, 500));
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> {
              JsonNode byUrl =
                  ok(
                      "/v1/views/traffic?select=requests,bytes/requests&by=status&grain=day"
                          + "&where=method%3D'GET'&from=2015-05-17&to=2015-05-19"
                          + "&having=requests%3E0&order=-requests,hour&limit=5");
              JsonNode bySql =
                  gateway
                      .sql(
                          "SELECT date_trunc('day', hour) AS hour, status, MEASURE(requests) AS"
                              + " requests, MEASURE(bytes)/MEASURE(requests) AS \"bytes/requests\""
                              + " FROM traffic WHERE method = 'GET' AND hour >= '2015-05-17' AND"
                              + " hour < '2015-05-19' GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 5",
                          "merged")
                      .body();
              assertThat(byUrl.path("rows")).hasSizeGreaterThan(1);
              assertThat(byUrl.path("rows")).isEqualTo(bySql.path("rows"));
              assertThat(byUrl.path("columns")).isEqualTo(bySql.path("columns"));
              assertThat(byUrl.path("provenance").path("mode").asText()).isEqualTo("merged");
            });
    assertThat(
            ok("/v1/views/traffic?select=requests&from=-16000d&to=-15000d")
                .at("/rows/0/0")
                .asLong())
        .as("requests of a time that no test writes of")
        .isZero();
    assertThat(ok("/v1/views/traffic?mode=speed").at("/provenance/mode").asText())
        .isEqualTo("speed");
  }

  /** The same words on each path that answers views. */
  @Test
  void howAQuestionIsAnswered_isSaidAlikeOnEveryPath() {
    String words =
        "&shares=true&fill=zero&timezone=Europe/Berlin&time_format=yyyy-MM-dd&timeout_ms=60000";
    String series = "?select=requests&grain=day&from=2011-05-16&to=2011-05-19" + words;
    Map<String, Object> body = new TreeMap<>();
    for (String word : words.substring(1).split("&")) {
      body.put(word.split("=")[0], word.split("=")[1]);
    }
    body.put(
        "sql",
        "SELECT date_trunc('DAY', hour) AS \"hour\", MEASURE(requests) AS requests FROM \"traffic@1\""
            + " WHERE hour >= '2011-05-16' AND hour < '2011-05-18 22:00:00' GROUP BY 1");
    Gateway.Reply bySql = gateway.post("/v1/sql", Json.write(body));
    List<JsonNode> answers =
        List.of(ok("/v1/views/traffic" + series), ok("/v1/views/traffic@1" + series), bySql.body());
    for (JsonNode answer : answers) {
      assertThat(answer.path("columns").findValuesAsText("name"))
          .as("%s", answer)
          .containsExactly("hour", "requests", "requests.batch", "requests.speed");
      assertThat(answer.path("rows").toString())
          .isEqualTo("[[\"2011-05-16\",0,0,0],[\"2011-05-17\",0,0,0],[\"2011-05-18\",0,0,0]]");
    }
    assertThat(ok("/v1/views/traffic?select=requests&format=ndjson").path("requests").isNumber())
        .isTrue();
    String moment = "&as_of=9000-01-01T00:00:00Z";
    assertThat(gateway.get("/v1/views/traffic?select=requests" + moment).body().path("code"))
        .asString()
        .contains("AS_OF_TOO_LATE");
  }

  @Test
  void examplesOfTheHttpPage_areAnswered() throws IOException {
    Path page = Path.of(System.getProperty("recount.root"), "docs", "http.md");
    List<String> examples =
        Files.readAllLines(page).stream().filter(line -> line.startsWith("/v1/")).toList();
    assertThat(examples).hasSizeGreaterThan(3);
    examples.forEach(example -> ok(example.replace(" ", "%20")));
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/views/nothing, 404, VIEW_UNKNOWN",
    "/v1/views/traffic?page=2, 400, REQUEST_INVALID",
    "/v1/views/traffic?by=statuss, 400, QUERY_COLUMN_UNKNOWN",
    "/v1/views/traffic?where=status%3D, 400, QUERY_SYNTAX",
    "/v1/views/traffic?mode=best, 400, MODE_UNKNOWN",
    "/v1/audits?view=nothing, 404, VIEW_UNKNOWN",
    "/v1/audits?limit=0, 400, REQUEST_INVALID",
    "/v1/audits?page=2, 400, REQUEST_INVALID"
  })
  void badViewRequests_getACodeAndAReason(String path, int status, String code) {
    Gateway.Reply reply = gateway.get(path);
    assertThat(reply.body().path("code").asText()).isEqualTo(code);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.body().path("message").asText()).startsWith("Cannot ");
  }

  @Test
  void status_namesServicesEventsViewsAndRuns() {
    JsonNode status = ok("/v1/status");
    assertThat(status.path("services").findValuesAsText("service"))
        .contains("archive", "serving", "speed");
    assertThat(status.path("events").findValuesAsText("event")).contains("page_view");
    awaitFreshness("/v1/status", "/events/0/freshness_ms");
    assertThat(status.path("views").findValuesAsText("view"))
        .contains("page_views", "traffic", "visitors");
    assertThat(status.path("runs").isArray()).isTrue();
  }

  @Test
  void health_isUpWhileAllParts_are() {
    assertThat(ok("/health/live").path("status").asText()).isEqualTo("UP");
    assertThat(ok("/health/started").path("status").asText()).isEqualTo("UP");
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> {
              JsonNode ready = ok("/health/ready");
              assertThat(ready.path("status").asText()).isEqualTo("UP");
              assertThat(ready.path("parts").path("speed").asBoolean()).isTrue();
              assertThat(ready.path("parts").path("archive").asBoolean()).isTrue();
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/sql              | not JSON                                   | 400 | REQUEST_INVALID",
        "/v1/sql              | {\"query\": \"SELECT 1\"}                  | 400 | REQUEST_INVALID",
        "/v1/sql              | {\"sql\": \"SELEC 1\"}                     | 400 | QUERY_SYNTAX",
        "/v1/sql              | {\"sql\": \"DELETE FROM traffic\"}         | 400 | QUERY_NOT_SELECT",
        "/v1/sql              | {\"sql\": \"SELECT x FROM traffic\"}       | 400 | QUERY_COLUMN_UNKNOWN",
        "/v1/sql              | {\"sql\": \"SELECT status FROM nothing\"}  | 404 | VIEW_UNKNOWN",
        "/v1/events/nothing   | {}                                         | 404 | EVENT_UNKNOWN",
        "/v1/nothing          | {}                                         | 404 | NOT_FOUND"
      })
  void badRequests_getACodeAndAReason(String path, String body, int status, String code) {
    Gateway.Reply reply = gateway.post(path, body);
    assertThat(reply.body().path("code").asText()).isEqualTo(code);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.body().path("message").asText()).startsWith("Cannot ");
    assertThat(List.of("\tat ", "java.", "Exception"))
        .noneMatch(trace -> reply.body().toString().contains(trace));
  }

  @Test
  void aGzippedBody_isUnpacked_andWhatIsNoObjectsIsRefused() throws IOException {
    String path = "/v1/events/page_view";
    String view = "{\"event_time\": 0, \"ip_address\": \"::1\", \"page_url\": \"/gzip\"}";
    byte[] body = ("\uFEFF[" + view + ", {}]").getBytes(StandardCharsets.UTF_16LE);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(body);
    }
    Gateway.Reply taken = gateway.post(path, packed.toByteArray(), "gzip");
    assertThat(taken.status()).isEqualTo(202);
    assertThat(taken.body().path("accepted").asInt()).isEqualTo(1);
    assertThat(taken.body().at("/rejected/0/code").asText()).isEqualTo("EVENT_FIELD_MISSING");

    Gateway.Reply other = gateway.post(path, packed.toByteArray(), "br");
    assertThat(other.status()).isEqualTo(400);
    assertThat(other.body().path("message").asText()).contains("its Content-Encoding is 'br'");
    Gateway.Reply plain = gateway.post(path, body, "gzip");
    assertThat(plain.body().path("message").asText()).contains("its body is not gzip");
    Gateway.Reply numbers = gateway.post(path, "[" + "1,".repeat(1_000_000) + "1]");
    assertThat(numbers.status()).isEqualTo(400);
    assertThat(numbers.body().path("code").asText()).isEqualTo("EVENT_MALFORMED");
  }
}
