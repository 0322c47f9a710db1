package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.pinot.Mode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values, conditions and formulas of answers, on a real Pinot. */
@ExtendWith(PinotExtension.class)
class GatewayIT {
  private static final long HOUR = Instant.parse("2015-05-17T10:00:00Z").toEpochMilli();

  private static TestingPinot pinot;
  private static Gateway gateway;

  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    gateway = running.gateway();
    ViewPlan plan = pinot.view("plain");
    pinot.delta(
        plan,
        10_000,
        1,
        List.of(
            TestingPinot.row(
                plan,
                "hour",
                HOUR,
                "method",
                "GET",
                "status",
                200,
                "requests",
                3,
                "bytes",
                10,
                "bytes__count",
                2,
                "min_bytes",
                4,
                "max_bytes",
                6,
                "avg_bytes__sum",
                10,
                "avg_bytes__count",
                2),
            TestingPinot.row(plan, "hour", HOUR, "method", "POST", "status", 304, "requests", 1),
            TestingPinot.row(plan, "hour", HOUR, "requests", 5)));
    pinot.awaitRequests("plain", 9);
  }

  @Test
  void viewWithoutRows_hasNoValues() throws Exception {
    pinot.view("empty");
    assertThat(
            pinot
                .rows(
                    "SELECT MEASURE(requests), MEASURE(bytes), MEASURE(min_bytes),"
                        + " MEASURE(max_bytes), MEASURE(avg_bytes) FROM empty")
                .get(0))
        .containsExactly(0L, null, null, null, null);
  }

  @Test
  void valuesAndNulls_comeOutAsTheyWentIn() {
    assertThat(pinot.rows("SELECT * FROM plain ORDER BY status"))
        .containsExactly(
            java.util.Arrays.asList(
                Instant.ofEpochMilli(HOUR), null, null, 5L, null, null, null, null),
            List.of(Instant.ofEpochMilli(HOUR), "GET", 200L, 3L, 10L, 4L, 6L, 5.0d),
            java.util.Arrays.asList(
                Instant.ofEpochMilli(HOUR), "POST", 304L, 1L, null, null, null, null));
  }

  @Test
  void conditions_followThreeValuedLogic() {
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE method <> 'GET'"))
        .isEqualTo(1L);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE NOT (method = 'GET')"))
        .isEqualTo(1L);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE method IS NULL"))
        .isEqualTo(5L);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE status < 1000"))
        .isEqualTo(4L);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE method LIKE 'g%'"))
        .isEqualTo(0L);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE method LIKE 'G_T'"))
        .isEqualTo(3L);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE method NOT LIKE 'G%'"))
        .isEqualTo(1L);
    assertThat(pinot.value("SELECT MEASURE(requests) FROM plain WHERE method NOT IN ('GET')"))
        .isEqualTo(1L);
    assertThat(
            pinot.value(
                "SELECT MEASURE(requests) FROM plain WHERE status IS NOT NULL AND method = 'x'"))
        .isEqualTo(0L);
    assertThat(
            pinot.value("SELECT MEASURE(requests) FROM plain WHERE hour = '2015-05-17 10:00:00'"))
        .isEqualTo(9L);
    assertThat(
            pinot.value("SELECT MEASURE(requests) FROM plain WHERE hour > '2015-05-17T10:00:00Z'"))
        .isEqualTo(0L);
  }

  @Test
  void functionsAndFormulas_areComputed() {
    assertThat(pinot.value("SELECT COUNT(DISTINCT method) FROM plain")).isEqualTo(2L);
    assertThat(pinot.value("SELECT MAX(hour) FROM plain")).isEqualTo(Instant.ofEpochMilli(HOUR));
    assertThat(
            pinot.value(
                "SELECT MEASURE(bytes) / MEASURE(requests) FROM plain WHERE method = 'GET'"))
        .isEqualTo(10 / 3.0);
    assertThat(
            pinot.rows(
                "SELECT date_trunc('DAY', hour) AS d, extract(HOUR FROM hour) AS h,"
                    + " MEASURE(requests) FROM plain GROUP BY d, h"))
        .containsExactly(List.of(Instant.parse("2015-05-17T00:00:00Z"), 10L, 9L));
    Provenance provenance = gateway.answer("SELECT * FROM plain", Mode.MERGED).provenance();
    assertThat(provenance.complete()).isTrue();
    assertThat(provenance.batch()).isNull();
    assertThat(provenance.speed().rows()).isEqualTo(3);
    assertThat(gateway.answer("SELECT * FROM plain", Mode.BATCH).provenance().complete()).isFalse();
  }

  @Test
  void whileTheSpeedLayerHasSaidNothing_theAnswerSaysSo() throws Exception {
    ViewPlan traffic = Plans.traffic("unheard");
    ViewPlan plan =
        new ViewPlan(
            traffic.view(),
            traffic.version(),
            "unheard_event",
            traffic.sql(),
            traffic.header(),
            traffic.dimensions(),
            traffic.measures());
    pinot.createBeforeSpeedReports(plan);
    Provenance before = gateway.answer("SELECT * FROM unheard", Mode.MERGED).provenance();
    assertThat(before.complete()).isFalse();
    assertThat(before.warnings()).singleElement().asString().contains("has not reported yet");
    pinot.reportSpeed(plan.event());
    Provenance after = gateway.answer("SELECT * FROM unheard", Mode.MERGED).provenance();
    assertThat(after.complete()).isTrue();
    assertThat(after.speed().freshnessMs()).isNotNull();
  }

  @Test
  void aSpeedLayerThatStandsStill_makesTheAnswerIncomplete_andSaysWhy() {
    String event = pinot.catalog().views().active("plain").orElseThrow().event();
    String detail =
        "{\"events\": {\""
            + event
            + "\": {\"error\": {\"code\": \"INTERNAL\", \"message\": \"of a test\"}}}}";
    pinot.catalog().services().beat(Heartbeat.of("speed", 1, 0, 0, detail));
    long now = Clock.systemUTC().millis();
    long hoursAgo = now - Duration.ofHours(2).toMillis();
    pinot.catalog().services().report(SpeedProgress.of(event, "generation", 0, hoursAgo, now));
    try (Gateway fresh = new Gateway(pinot.config(), pinot.catalog(), Clock.systemUTC())) {
      Provenance merged = fresh.answer("SELECT * FROM plain", Mode.MERGED).provenance();
      assertThat(merged.complete()).isFalse();
      assertThat(merged.warnings())
          .anySatisfy(
              w ->
                  assertThat(w).contains("may be missing", "stalled-after", "INTERNAL: of a test"));
      Question strict =
          Question.sql("SELECT * FROM plain", Mode.MERGED).with(Options.NONE.strictly());
      assertThatThrownBy(() -> fresh.answer(strict))
          .isInstanceOfSatisfying(
              RecountException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.ANSWER_INCOMPLETE))
          .hasMessageContaining("INTERNAL: of a test");
    } finally {
      pinot.reportSpeed(event);
    }
  }

  /** Arrivals are the brokers' times; what the gateway's own host thinks of the time is nothing. */
  @ParameterizedTest
  @ValueSource(longs = {-7_200, 7_200})
  void aGatewayWhoseClockIsWrong_reportsNoStandstill(long secondsOff) {
    pinot.reportSpeed(pinot.catalog().views().active("plain").orElseThrow().event());
    Clock wrong = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(secondsOff));
    try (Gateway gatewayElsewhere = new Gateway(pinot.config(), pinot.catalog(), wrong)) {
      Provenance merged = gatewayElsewhere.answer("SELECT * FROM plain", Mode.MERGED).provenance();
      assertThat(merged.warnings()).isEmpty();
      assertThat(merged.complete()).isTrue();
      assertThat(merged.speed().freshnessMs()).isBetween(0L, 60_000L);
    }
  }

  @Test
  void whatPinotRefuses_isRefusedBefore() throws Exception {
    assertThatThrownBy(() -> pinot.rows("SELECT * FROM (SELECT * FROM plain) x"))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_UNSUPPORTED));
    assertThatThrownBy(() -> pinot.rows("SELECT * FROM nothing"))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VIEW_UNKNOWN))
        .hasMessageContaining("plain");
    assertThat(
            pinot
                .rest()
                .broker("SELECT MAX(max_bytes) FROM plain_v1 WHERE method = 'x'")
                .path("resultTable")
                .path("rows")
                .get(0)
                .get(0)
                .asText())
        .as("Pinot's own empty MAX")
        .isEqualTo("-Infinity");
  }

  /**
   * Each delta is one request, and is reported after it was written: what an answer says it is
   * complete until tells how many it must hold at least, whether it was asked or given again.
   */
  @Test
  void underTraffic_answersNeverGoBack_norClaimToBeFresherThanTheyAre() throws Exception {
    ViewPlan plan = pinot.view("lively");
    NavigableMap<Long, Long> reported = new ConcurrentSkipListMap<>();
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Void> traffic =
        CompletableFuture.runAsync(
            () -> {
              for (long sent = 1; !isOver.get(); sent++) {
                long arrived = Clock.systemUTC().millis();
                pinot.delta(
                    plan,
                    arrived,
                    sent,
                    List.of(TestingPinot.row(plan, "hour", HOUR, "requests", 1)));
                pinot.reportSpeed(plan.event());
                reported.put(arrived, sent);
                Deadline.after(Duration.ofMillis(40)).pause(Duration.ofMillis(40));
              }
            });
    RecountConfig keeping =
        RecountConfig.load(
            pinot.config().home().path(),
            Optional.of(pinot.config().ports().base()),
            Map.of("RECOUNT_SERVING_CACHE_AGE", "1s"));
    try (Gateway caching = new Gateway(keeping, pinot.catalog(), Clock.systemUTC())) {
      long before = 0;
      Deadline end = Deadline.after(Duration.ofSeconds(8));
      while (!end.isExpired()) {
        Answer answer = caching.answer("SELECT MEASURE(requests) FROM lively", Mode.MERGED);
        long requests = (Long) answer.rows().get(0).get(0);
        assertThat(requests).isGreaterThanOrEqualTo(before);
        before = requests;
        Provenance.SpeedPart speed = answer.provenance().speed();
        Map.Entry<Long, Long> due = reported.lowerEntry(speed.completeUntil().toEpochMilli());
        assertThat(requests).isGreaterThanOrEqualTo(due == null ? 0 : due.getValue());
      }
      assertThat(before).isPositive();
    } finally {
      isOver.set(true);
      traffic.join();
    }
  }
}
