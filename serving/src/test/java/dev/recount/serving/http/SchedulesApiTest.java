package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.access.AccessControl;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules and runs over HTTP, on a real catalog. */
class SchedulesApiTest {
  private static final Instant NOW = Instant.parse("2026-03-28T10:30:00Z");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private static Path home;
  private static Catalog catalog;
  private static Javalin app;

  @BeforeAll
  static void start() {
    RecountConfig config =
        RecountConfig.load(
            home, Optional.empty(), Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:schedules"));
    catalog = Catalog.open(config);
    Map<String, String> header = Map.of("schedule", "0 0 * * * ?", "mode", "incremental");
    catalog.views().add(new ViewPlan("pages", 1, "e", "SELECT 1", header, List.of(), List.of()), 0);
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    app = Javalin.create(settings -> settings.showJavalinBanner = false);
    HttpErrors.install(app);
    new AccessControl(config, catalog, clock).install(app, HttpErrors::answered);
    new SchedulesApi(catalog, config, clock).install(app);
    app.start("127.0.0.1", 0);
  }

  @AfterAll
  static void stop() {
    app.stop();
    catalog.close();
  }

  private record Reply(int status, JsonNode body) {}

  private static Reply send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(URI.create("http://localhost:" + app.port() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return new Reply(response.statusCode(), Json.MAPPER.readTree(response.body()));
  }

  private static JsonNode get(String path) throws IOException, InterruptedException {
    Reply reply = send("GET", path, "");
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
    return reply.body();
  }

  private static JsonNode post(String path, String body) throws IOException, InterruptedException {
    Reply reply = send("POST", path, body);
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
    return reply.body();
  }

  @Test
  void schedules_areListed_pausedAndResumed() throws IOException, InterruptedException {
    assertThat(get("/v1/schedules").at("/schedules/0/mode").asText()).isEqualTo("incremental");
    assertThat(get("/v1/schedules").at("/problems/0").asText()).contains("no scheduler runs");
    assertThat(get("/v1/schedules/pages").path("next").asText()).isEqualTo("2026-03-28T11:00:00Z");
    assertThat(post("/v1/schedules/pages/pause", "").path("changed").asBoolean()).isTrue();
    JsonNode again = post("/v1/schedules/pages/pause", "");
    assertThat(again.path("changed").asBoolean()).isFalse();
    assertThat(again.at("/schedule/state").asText()).isEqualTo("paused");
    JsonNode resumed = post("/v1/schedules/pages/resume", "");
    assertThat(resumed.path("changed").asBoolean()).isTrue();
    assertThat(resumed.at("/schedule/state").asText()).isEqualTo("scheduled");
  }

  @Test
  void runs_areAskedFor_listedAndCancelled() throws Exception {
    JsonNode asked = post("/v1/schedules/pages/trigger", "{\"mode\": \"incremental\"}");
    assertThat(asked.at("/schedule/pending/mode").asText()).isEqualTo(RunRequest.INCREMENTAL);
    assertThat(post("/v1/schedules/pages/trigger", "").path("changed").asBoolean()).isFalse();
    String run =
        catalog
            .runs()
            .begin(
                NOW.toEpochMilli(),
                RunRequest.FULL,
                RunRequest.HAND,
                0,
                "here",
                1,
                List.of(RunView.due("pages", "pages_v1", RunRequest.FULL)));
    catalog.requests().take(run, catalog.requests().due());
    anHourLater();
    assertThat(get("/v1/runs?view=pages&status=running&limit=1").at("/runs/0/run_id").asText())
        .isEqualTo(run);
    assertThat(get("/v1/runs?status=FAILED").path("runs")).isEmpty();
    assertThat(get("/v1/runs?limit=1").path("next").isNull()).isTrue();
    assertThat(get("/v1/runs?before=" + run).path("runs")).isEmpty();
    String before =
        catalog.runs().begin(0, RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of());
    anHourLater();
    assertThat(get("/v1/runs?limit=1").path("next").asText()).isEqualTo(before);
    assertThat(get("/v1/runs?limit=1&before=" + before).at("/runs/0/run_id").asText())
        .isEqualTo(run);
    assertThat(get("/v1/runs/" + run).at("/views/0/view").asText()).isEqualTo("pages");
    assertThat(get("/v1/schedules/pages").path("running").asText()).isEqualTo(run);
    JsonNode cancelled = post("/v1/runs/" + run + "/cancel", "");
    assertThat(cancelled.path("changed").asBoolean()).isTrue();
    assertThat(cancelled.at("/run/cancel_reason").asText()).contains("over HTTP");
    assertThat(post("/v1/runs/" + run + "/cancel", "").path("changed").asBoolean()).isFalse();
  }

  /** However slow this is, runs are not taken for dead before an hour has passed. */
  private static void anHourLater() throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE batch_run SET noted = noted + INTERVAL '1' HOUR");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET  | /v1/schedules/pager         |                     | 404 | VIEW_UNKNOWN    | did you mean 'pages'?",
        "POST | /v1/schedules/pager/trigger |                     | 404 | VIEW_UNKNOWN    | did you mean 'pages'?",
        "POST | /v1/schedules/pager/pause   |                     | 404 | VIEW_UNKNOWN    | did you mean 'pages'?",
        "POST | /v1/schedules/pages/trigger | {\"mode\": \"part\"} | 400 | REQUEST_INVALID | \"incremental\"",
        "POST | /v1/schedules/pages/trigger | [1]                 | 400 | REQUEST_INVALID | or no body",
        "POST | /v1/schedules/pages/trigger | full                | 400 | REQUEST_INVALID | not JSON",
        "GET  | /v1/runs/none               |                     | 404 | NOT_FOUND       | the run 'none'",
        "POST | /v1/runs/none/cancel        |                     | 404 | NOT_FOUND       | the run 'none'",
        "GET  | /v1/runs?status=done        |                     | 400 | REQUEST_INVALID | SUCCEEDED, found 'done'",
        "GET  | /v1/runs?limit=0            |                     | 400 | REQUEST_INVALID | between 1 and 1000",
        "GET  | /v1/runs?before=last        |                     | 400 | REQUEST_INVALID | 'last'",
        "GET  | /v1/runs?limit=all          |                     | 400 | REQUEST_INVALID | 'all'",
        "GET  | /v1/runs?view=none          |                     | 404 | VIEW_UNKNOWN    | the views are pages"
      })
  void whatCannotBeDone_hasACodeAndAReason(
      String method, String path, String body, int status, String code, String reason)
      throws IOException, InterruptedException {
    Reply reply = send(method, path, body == null ? "" : body);
    assertThat(reply.body().path("code").asText()).isEqualTo(code);
    assertThat(reply.body().path("message").asText()).contains(reason);
    assertThat(reply.status()).isEqualTo(status);
  }
}
