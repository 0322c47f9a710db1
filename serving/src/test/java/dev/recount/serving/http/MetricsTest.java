package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Json;
import dev.recount.core.catalog.AuditResult;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunBeat;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.gateway.Gateway;
import io.javalin.Javalin;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus reads, on a real catalog without Kafka and Pinot. */
class MetricsTest {
  private static final Instant NOW = Instant.parse("2026-03-28T10:30:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @TempDir private Path home;
  private final HttpClient client = HttpClient.newHttpClient();

  private HttpResponse<String> get(Javalin app, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String metrics(Javalin app) throws IOException, InterruptedException {
    HttpResponse<String> answer = get(app, "/metrics");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/plain; version=0.0.4");
    return answer.body();
  }

  private RecountConfig config() {
    // Nothing listens there.
    return RecountConfig.load(
        home, Optional.of(1024), Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:" + UUID.randomUUID()));
  }

  /** What was asked of an API over a catalog. */
  private interface Asking {
    void ask(Javalin app) throws Exception;
  }

  private static void over(RecountConfig config, Catalog catalog, Asking asking) throws Exception {
    try (Gateway gateway = new Gateway(config, catalog, CLOCK)) {
      Javalin app = new HttpApi(config, catalog, gateway, null, null, CLOCK).listen(0);
      try {
        asking.ask(app);
      } finally {
        app.stop();
      }
    }
  }

  private static void fill(Catalog catalog) {
    catalog
        .views()
        .add(new ViewPlan("pages", 1, "e", "SELECT 1", Map.of(), List.of(), List.of()), 0);
    RunView view = RunView.due("pages", "pages_v1", RunRequest.FULL);
    String run = begin(catalog, NOW.minusSeconds(100), view);
    end(catalog, run, BatchRun.SUCCEEDED, NOW.minusSeconds(60), view.published(7, 1, 70));
    catalog
        .batch()
        .put(
            new Publication(
                run,
                "pages_v1",
                "pages",
                1,
                Publication.SERVING,
                RunRequest.FULL,
                NOW.minusSeconds(90).toEpochMilli(),
                7,
                Json.write(List.of("s")),
                1,
                "[]",
                null,
                null,
                NOW.minusSeconds(60).toEpochMilli()));
    String failed = begin(catalog, NOW.minusSeconds(50), view);
    end(catalog, failed, BatchRun.FAILED, NOW.minusSeconds(30), view.failed("of a test"));
    catalog
        .services()
        .beat(Heartbeat.of("archive", 1, 0, NOW.toEpochMilli(), "{\"problems\": [\"one\"]}"));
    catalog
        .audits()
        .add(
            new AuditResult(
                "a1",
                "pages",
                1,
                "pages_v1",
                AuditResult.FULL,
                AuditResult.DIFFERS,
                NOW.toEpochMilli() - 2,
                NOW.toEpochMilli(),
                0L,
                1L,
                5L,
                2L,
                9L,
                9L,
                null,
                "[]",
                null,
                "two",
                0));
  }

  private static String begin(Catalog catalog, Instant at, RunView view) {
    return catalog
        .runs()
        .begin(at.toEpochMilli(), RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of(view));
  }

  private static void end(Catalog catalog, String run, String status, Instant at, RunView view) {
    assertThat(
            catalog
                .runs()
                .beat(
                    new RunBeat(
                        run,
                        status,
                        at.toEpochMilli(),
                        null,
                        null,
                        null,
                        null,
                        Json.write(List.of(view)),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null)))
        .isTrue();
  }

  @Test
  void metrics_sayHowTheSystemIs() throws Exception {
    RecountConfig config = config();
    try (Catalog catalog = Catalog.open(config)) {
      fill(catalog);
      over(
          config,
          catalog,
          app -> {
            String view = "active=\"true\",version=\"1\",view=\"pages\"";
            assertThat(metrics(app).lines())
                .contains(
                    "recount_catalog_up 1.0",
                    "recount_view_cut_age_seconds{" + view + "} 90.0",
                    "recount_view_batch_rows{" + view + "} 7.0",
                    "recount_run_duration_seconds{result=\"succeeded\",view=\"pages\"} 40.0",
                    "recount_run_duration_seconds{result=\"failed\",view=\"pages\"} 20.0",
                    "recount_audit_differing{kind=\"full\",version=\"1\",view=\"pages\"} 2.0",
                    "recount_runs_running 0.0",
                    "recount_http_requests_running 0.0")
                .anyMatch(l -> l.startsWith("recount_process_silence_seconds{process=\"archive\"}"))
                .anyMatch(l -> l.startsWith("recount_run_finished_seconds{result=\"failed\""))
                .anyMatch(
                    l ->
                        l.startsWith(
                            "recount_audit_finished_seconds{kind=\"full\",result=\"differs\""))
                .anyMatch(l -> l.matches("recount_problems [1-9].*"))
                .anyMatch(l -> l.startsWith("jvm_memory_used_bytes{"))
                .anyMatch(l -> l.startsWith("recount_http_threads_busy "))
                .noneMatch(l -> l.startsWith("recount_view_freshness_seconds{"));
          });
    }
  }

  @Test
  void requests_areCountedByEndpoint_howeverManyPathsAreAsked() throws Exception {
    RecountConfig config = config();
    try (Catalog catalog = Catalog.open(config)) {
      over(
          config,
          catalog,
          app -> {
            for (int i = 0; i < 200; i++) {
              get(app, "/v1/schedules/view" + i);
              get(app, "/nothing/" + i);
            }
            List<String> counts =
                metrics(app)
                    .lines()
                    .filter(line -> line.startsWith("recount_http_requests_seconds_count"))
                    .toList();
            assertThat(counts)
                .containsExactlyInAnyOrder(
                    "recount_http_requests_seconds_count{code=\"VIEW_UNKNOWN\",endpoint=\"/v1/schedules/{view}\",method=\"GET\",status=\"404\"} 200",
                    "recount_http_requests_seconds_count{code=\"NOT_FOUND\",endpoint=\"none\",method=\"GET\",status=\"404\"} 200");
          });
    }
  }

  @Test
  void metricsWithoutACatalog_sayThatItIsAway() throws Exception {
    RecountConfig config = config();
    Catalog catalog = Catalog.open(config);
    fill(catalog);
    catalog.close();
    over(
        config,
        catalog,
        app ->
            assertThat(metrics(app).lines())
                .contains("recount_catalog_up 0.0")
                .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"))
                .noneMatch(line -> line.matches("recount_(view|run|audit|process|problems).*")));
  }
}
