package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A user's own view with every kind of measure goes through both layers. */
@ExtendWith(WholeStack.class)
class EveryMeasureIT {
  private static final String VIEW =
      """
      -- @description Every kind of measure.
      SELECT date_trunc('DAY', event_time)                                     AS day,
             CASE WHEN status >= 400 THEN 'failed' ELSE 'fine' END             AS outcome,
             count(*)                                                          AS requests,
             count_if(status >= 400)                                           AS failed,
             count_if(status >= 400) / count(*)                                AS failed_share,
             sum(bytes) FILTER (WHERE status < 400)                            AS good_bytes,
             avg(bytes)                                                        AS mean_bytes,
             stddev(bytes)                                                     AS spread_bytes,
             min(bytes)                                                        AS smallest,
             max(event_time)                                                   AS newest,
             bool_or(status >= 400)                                            AS any_failed,
             max_by(page_url, event_time)                                      AS last_page,
             min_by(page_url, event_time)                                      AS first_page,
             max_by(bytes, status)                                             AS bytes_of_worst,
             min_by(event_time, bytes) FILTER (WHERE method = 'GET')           AS time_of_smallest,
             max_by(status >= 400, event_time)                                 AS last_failed,
             min(page_url)                                                     AS least_page,
             max(referrer) FILTER (WHERE status < 400)                         AS largest_referrer,
             theta_sketch_agg(ip_address)                                      AS visitors,
             hll_agg(ip_address)                                               AS addresses,
             tdigest_agg(bytes)                                                AS sizes
      FROM page_view
      GROUP BY ALL
      """;
  private static final String ASK =
      "SELECT MEASURE(requests), MEASURE(failed), MEASURE(failed_share), MEASURE(visitors),"
          + " MEASURE(addresses), MEASURE(sizes, 0), MEASURE(sizes, 100), MEASURE(any_failed)"
          + " FROM every_measure";

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @TempDir private static Path schemas;
  private static Gateway gateway;

  @BeforeAll
  static void applyTheView() throws IOException {
    gateway = new Gateway(WholeStack.config());
    WholeStack.copySchemas(Recount.root().resolve("schemas"), schemas, "events/page_view.avsc");
    Files.createDirectories(schemas.resolve("views"));
    Files.writeString(schemas.resolve("views").resolve("every_measure.sql"), VIEW);
    run("apply", "--schemas", schemas.toString());
  }

  @Test
  void batchAndSpeedTogether_areTheRecountFromRaw() throws IOException {
    AccessLog log = new AccessLog(3, 2_000);
    WholeStack.ingest("third.log", log);
    run("batch", "run", "every_measure");
    long before = gateway.number("SELECT MEASURE(requests) FROM every_measure", "batch");
    await()
        .atMost(PATIENCE)
        .until(() -> gateway.number("SELECT MEASURE(requests) FROM traffic", "merged") == before);
    WholeStack.ingest("fourth.log", log);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(gateway.number("SELECT MEASURE(requests) FROM every_measure", "merged"))
                    .isEqualTo(before + log.lines()));
    assertThat(gateway.number("SELECT MEASURE(requests) FROM every_measure", "speed"))
        .isEqualTo(log.lines());

    JsonNode row = gateway.sql(ASK, "merged").body().path("rows").path(0);
    assertThat(row.path(2).asDouble())
        .isEqualTo(row.path(1).asDouble() / row.path(0).asDouble(), within(1e-12));
    assertThat(row.path(4).asDouble())
        .isCloseTo(row.path(3).asDouble(), within(row.path(3).asDouble() / 10));
    assertThat(row.path(5).asDouble()).isLessThan(row.path(6).asDouble());
    assertThat(row.path(7).asBoolean()).isTrue();
    run("audit", "every_measure");
  }
}
