package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
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
      -- @star-tree status, page_url
      SELECT date_trunc('HOUR', event_time) AS hour, page_url, status, count(*) AS requests,
             sum(bytes) AS bytes, max(bytes) AS largest, hll_agg(ip_address) AS addresses,
             tdigest_agg(bytes) AS sizes, theta_sketch_agg(session_id) AS visitors
      FROM page_view
      GROUP BY ALL
      """;

  /** The same rows by words and by letters; only logs of these tests have such pages. */
  private static final String WORDS = "TEXT_MATCH(page_url, '\"page 17 q x\"')";

  private static final String LIKE = "page_url LIKE '/page/17?%'";

  @TempDir private static Path schemas;
  private static Gateway gateway;

  @BeforeAll
  static void applyTheView() throws IOException {
    gateway = new Gateway(WholeStack.config());
    WholeStack.copySchemas(Recount.root().resolve("schemas"), schemas, "events/page_view.avsc");
    Files.createDirectories(schemas.resolve("views"));
    write(VIEW.replace("-- @index page_url text\n", ""));
    run("apply", "--schemas", schemas.toString());
  }

  private static void write(String view) throws IOException {
    Files.writeString(schemas.resolve("views").resolve("pages.sql"), view);
  }

  @Test
  void indexes_comeToARunningView_andAreInTheNextBatch() throws Exception {
    WholeStack.ingest("pages-1.log", new AccessLog(11, 1_000));
    run("batch", "run", "pages");
    WholeStack.ingest("pages-2.log", new AccessLog(12, 1_000));
    awaitRequests(LIKE, "speed");
    Gateway.Reply refused =
        gateway.sql(
            "SELECT MEASURE(requests) FROM pages WHERE TEXT_MATCH(page_url, '1')", "merged");
    assertThat(refused.body().path("message").asText()).contains("-- @index page_url text");

    write("-- @description Pages.\n" + VIEW);
    assertThat(run("plan", "--schemas", schemas.toString()))
        .contains("pages", "changed", "change: @index page_url text added")
        .contains("change: @description (none) to 'Pages.'")
        .contains("index text             page_url");
    assertThat(run("apply", "--schemas", schemas.toString()))
        .contains("view pages: changed: ", "@index page_url text added");
    assertThat(run("plan", "--schemas", schemas.toString())).doesNotContain("change:");
    requireUsed();
    requireRight();

    run("batch", "run", "pages");
    WholeStack.ingest("pages-3.log", new AccessLog(13, 1_000));
    awaitRequests(LIKE, "speed");
    requireUsed();
    requireRight();
    requireStarTree();
    Path segment = batchSegment();
    assertThat(Files.readString(segment.resolve("index_map")))
        .contains("page_url.bloom_filter", "status.range_index", "hour.inverted_index");
    assertThat(segment.resolve("page_url.lucene.index")).isDirectory();
    assertThat(segment.resolve("star_tree_index")).isNotEmptyFile();
  }

  private static void awaitRequests(String where, String mode) {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(() -> assertThat(requests(where, mode)).isPositive());
  }

  /** Pinot loads the segments of a table that was changed again, one after the other. */
  private static void requireUsed() {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> {
              for (String side : new String[] {"OFFLINE", "REALTIME"}) {
                assertThat(plan(side, "TEXT_MATCH(page_url, '17')")).contains("FILTER_TEXT_INDEX");
                assertThat(plan(side, "\"hour\" = 1431856800000"))
                    .contains("FILTER_INVERTED_INDEX");
              }
              assertThat(plan("OFFLINE", "status > 300")).contains("FILTER_RANGE_INDEX");
            });
  }

  /** A star-tree reads a few sums in place of all rows, and they are the same sums. */
  private static void requireStarTree() throws Exception {
    String sql =
        "SELECT status, SUM(requests), SUM(bytes), MIN(bytes), SUM(bytes__count), MAX(largest),"
            + " MAX(largest__found), DISTINCTCOUNTHLL(addresses), PERCENTILETDIGEST(sizes, 100) FROM pages_v1_OFFLINE"
            + " WHERE \"_arrived\" <= "
            + Clock.systemUTC().millis()
            + " GROUP BY status ORDER BY status LIMIT 1000";
    JsonNode with = broker(sql);
    JsonNode without = broker("SET useStarTree = false; " + sql);
    assertThat(with.at("/resultTable/rows")).hasSizeGreaterThan(2);
    assertThat(with.at("/resultTable/rows")).isEqualTo(without.at("/resultTable/rows"));
    assertThat(with.path("numDocsScanned").asLong())
        .isPositive()
        .isLessThan(without.path("numDocsScanned").asLong() / 10);
  }

  private static void requireRight() {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> {
              assertThat(requests(WORDS, "speed")).isPositive().isEqualTo(requests(LIKE, "speed"));
              assertThat(requests(WORDS, "merged"))
                  .isGreaterThan(requests(WORDS, "speed"))
                  .isEqualTo(requests(LIKE, "merged"));
            });
  }

  private static long requests(String where, String mode) {
    return gateway.number("SELECT MEASURE(requests) FROM pages WHERE " + where, mode);
  }

  /** How Pinot would run a query of one side. */
  private static String plan(String side, String where) throws Exception {
    return broker("EXPLAIN PLAN FOR SELECT COUNT(*) FROM pages_v1_" + side + " WHERE " + where)
        .toString();
  }

  private static JsonNode broker(String sql) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(WholeStack.config().pinot().broker() + "/query/sql"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of("sql", sql))))
            .build());
  }

  /** The folder of a segment of the newest batch, on its server. */
  private static Path batchSegment() throws IOException {
    Path table =
        WholeStack.config().home().path().resolve("pinot/server/data").resolve("pages_v1_OFFLINE");
    try (Stream<Path> segments = Files.list(table)) {
      return segments
          .filter(s -> s.getFileName().toString().matches("pages_v1_.*_0_0"))
          .max(Comparator.comparing(Path::getFileName))
          .orElseThrow()
          .resolve("v3");
    }
  }

  private static JsonNode send(HttpRequest request) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return Json.MAPPER.readTree(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
  }
}
