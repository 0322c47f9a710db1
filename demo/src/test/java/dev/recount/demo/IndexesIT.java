package dev.recount.demo;

import static dev.recount.demo.WholeStack.recount;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.contract.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The indexes that a view asks for are in both of its tables, and are used. */
@ExtendWith(WholeStack.class)
class IndexesIT {
  private static final String VIEW =
      """
      -- @time  hour
      -- @index page_url text
      -- @index page_url bloom
      -- @index status   range
      -- @index hour     inverted
      SELECT date_trunc('HOUR', event_time) AS hour, page_url, status, count(*) AS requests
      FROM page_view
      GROUP BY ALL
      """;

  @TempDir private static Path schemas;
  private static Gateway gateway;

  @BeforeAll
  static void applyTheView() throws IOException {
    gateway = new Gateway(WholeStack.config());
    Path event = Path.of("events", "page_view.avsc");
    Files.createDirectories(schemas.resolve("events"));
    Files.createDirectories(schemas.resolve("views"));
    Files.copy(
        Path.of(System.getProperty("recount.root"), "schemas").resolve(event),
        schemas.resolve(event));
    Files.writeString(schemas.resolve("views").resolve("pages.sql"), VIEW);
    WholeStack.Result applied = recount("apply", "--schemas", schemas.toString());
    assertThat(applied.code()).as(applied.output()).isZero();
  }

  @Test
  void indexes_areBuiltInBothLayersAndUsed_andAnswersAreTheSame() throws Exception {
    WholeStack.ingest("pages-1.log", new AccessLog(11, 1_000));
    WholeStack.Result run = recount("batch", "run");
    assertThat(run.code()).as(run.output()).isZero();
    WholeStack.ingest("pages-2.log", new AccessLog(12, 1_000));
    for (String side : new String[] {"OFFLINE", "REALTIME"}) {
      assertThat(plan(side, "TEXT_MATCH(page_url, '17')")).contains("FILTER_TEXT_INDEX");
      assertThat(plan(side, "\"hour\" = 1431856800000")).contains("FILTER_INVERTED_INDEX");
    }
    assertThat(plan("OFFLINE", "status > 300")).contains("FILTER_RANGE_INDEX");
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              assertThat(requests("TEXT_MATCH(page_url, '17')", "speed"))
                  .isPositive()
                  .isEqualTo(requests("page_url LIKE '/page/17?%'", "speed"));
              assertThat(requests("TEXT_MATCH(page_url, '17')", "merged"))
                  .isGreaterThan(requests("TEXT_MATCH(page_url, '17')", "speed"))
                  .isEqualTo(requests("page_url LIKE '/page/17?%'", "merged"));
            });
    JsonNode indexes = indexesOfBatch();
    assertThat(indexes.at("/page_url/bloom-filter").asText()).isEqualTo("YES");
    assertThat(indexes.at("/status/range-index").asText()).isEqualTo("YES");
    assertThat(indexes.at("/hour/inverted-index").asText()).isEqualTo("YES");
    assertThat(indexes.at("/page_url/text-index").asText()).isEqualTo("YES");
  }

  private static long requests(String where, String mode) {
    return gateway.number("SELECT MEASURE(requests) FROM pages WHERE " + where, mode);
  }

  /** How Pinot would run a query of one side. */
  private static String plan(String side, String where) throws Exception {
    String sql = "EXPLAIN PLAN FOR SELECT COUNT(*) FROM pages_v1_" + side + " WHERE " + where;
    return send(HttpRequest.newBuilder(
                URI.create(WholeStack.config().pinot().broker() + "/query/sql"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql))))
            .build())
        .toString();
  }

  /** The indexes of the columns of a batch segment, as its server sees them. */
  private static JsonNode indexesOfBatch() throws Exception {
    JsonNode segments =
        controller("/tables/pages_v1/externalview?tableType=OFFLINE").path("OFFLINE");
    String segment =
        segments.properties().stream()
            .map(Map.Entry::getKey)
            .filter(name -> !name.matches(".*_cut_\\d+"))
            .findFirst()
            .orElseThrow();
    return controller(
            "/segments/pages_v1/"
                + URLEncoder.encode(segment, StandardCharsets.UTF_8)
                + "/metadata?columns=*")
        .path("indexes");
  }

  private static JsonNode controller(String path) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(WholeStack.config().pinot().controller() + path))
            .build());
  }

  private static JsonNode send(HttpRequest request) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return Json.MAPPER.readTree(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}
