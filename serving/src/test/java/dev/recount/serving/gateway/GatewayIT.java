package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.contract.cut.Cut;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.view.ViewPlan;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that Pinot does to answers (design, 2.7), provoked on a real one. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GatewayIT {
  private static final int PORT_BASE = Integer.getInteger("recount.test.port-base", 16000);
  private static final Duration GRAIN = Duration.ofSeconds(10);

  /** Pinot takes no segment of before 1971. */
  private static final long BASE = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  private static final long BIG = (1L << 53) + 1;

  @TempDir static Path home;

  private TestingPinot pinot;
  private Gateway gateway;

  @BeforeAll
  void start() {
    pinot = new TestingPinot(home, PORT_BASE);
    gateway = new Gateway(pinot.config(), pinot.catalog(), Clock.systemUTC());
  }

  @AfterAll
  void stop() {
    gateway.close();
    pinot.close();
  }

  private ViewPlan view(String name) throws Exception {
    ViewPlan plan = Plans.traffic(name);
    pinot.create(plan);
    return plan;
  }

  private List<List<Object>> rows(String sql) {
    return gateway.answer(sql, Mode.MERGED).rows();
  }

  private Object value(String sql) {
    return rows(sql).get(0).get(0);
  }

  private static Map<String, Object> row(ViewPlan plan, Object... namesAndValues) {
    Map<String, Object> values = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return TestingPinot.row(plan, values);
  }

  private void awaitRequests(String view, long expected) {
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> value("SELECT MEASURE(requests) FROM " + view).equals(expected));
  }

  @Test
  @Order(10)
  void valuesAndNulls_comeOutAsTheyWentIn() throws Exception {
    ViewPlan plan = view("plain");
    assertThat(
            rows("SELECT MEASURE(requests), MEASURE(bytes), MEASURE(min_bytes), MEASURE(max_bytes), MEASURE(avg_bytes) FROM plain")
                .get(0))
        .containsExactly(0L, null, null, null, null);
    long hour = Instant.parse("2015-05-17T10:00:00Z").toEpochMilli();
    pinot.delta(
        plan,
        10_000,
        1,
        List.of(
            row(
                plan,
                "hour",
                hour,
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
            row(plan, "hour", hour, "method", "POST", "status", 304, "requests", 1),
            row(plan, "hour", hour, "requests", 5)));
    awaitRequests("plain", 9);
    assertThat(rows("SELECT * FROM plain ORDER BY status"))
        .containsExactly(
            java.util.Arrays.asList(
                Instant.ofEpochMilli(hour), null, null, 5L, null, null, null, null),
            List.of(Instant.ofEpochMilli(hour), "GET", 200L, 3L, 10L, 4L, 6L, 5.0d),
            java.util.Arrays.asList(
                Instant.ofEpochMilli(hour), "POST", 304L, 1L, null, null, null, null));
  }

  @Test
  @Order(11)
  void conditions_followThreeValuedLogic() {
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE method <> 'GET'")).isEqualTo(1L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE NOT (method = 'GET')"))
        .isEqualTo(1L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE method IS NULL")).isEqualTo(5L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE status < 1000")).isEqualTo(4L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE method LIKE 'g%'")).isEqualTo(0L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE method LIKE 'G_T'")).isEqualTo(3L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE method NOT LIKE 'G%'"))
        .isEqualTo(1L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE method NOT IN ('GET')"))
        .isEqualTo(1L);
    assertThat(
            value("SELECT MEASURE(requests) FROM plain WHERE status IS NOT NULL AND method = 'x'"))
        .isEqualTo(0L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE hour = '2015-05-17 10:00:00'"))
        .isEqualTo(9L);
    assertThat(value("SELECT MEASURE(requests) FROM plain WHERE hour > '2015-05-17T10:00:00Z'"))
        .isEqualTo(0L);
  }

  @Test
  @Order(12)
  void functionsAndFormulas_areComputed() {
    long hour = Instant.parse("2015-05-17T10:00:00Z").toEpochMilli();
    assertThat(value("SELECT COUNT(DISTINCT method) FROM plain")).isEqualTo(2L);
    assertThat(value("SELECT MAX(hour) FROM plain")).isEqualTo(Instant.ofEpochMilli(hour));
    assertThat(value("SELECT MEASURE(bytes) / MEASURE(requests) FROM plain WHERE method = 'GET'"))
        .isEqualTo(10 / 3.0);
    assertThat(
            rows(
                "SELECT date_trunc('DAY', hour) AS d, extract(HOUR FROM hour) AS h, MEASURE(requests) FROM plain GROUP BY d, h"))
        .containsExactly(List.of(Instant.parse("2015-05-17T00:00:00Z"), 10L, 9L));
    Provenance provenance = gateway.answer("SELECT * FROM plain", Mode.MERGED).provenance();
    assertThat(provenance.complete()).isTrue();
    assertThat(provenance.batch()).isNull();
    assertThat(provenance.speed().rows()).isEqualTo(3);
    assertThat(gateway.answer("SELECT * FROM plain", Mode.BATCH).provenance().complete()).isFalse();
  }

  private static List<Map<String, Object>> largeRows(ViewPlan plan) {
    return List.of(
        row(
            plan,
            "hour",
            0L,
            "method",
            "A",
            "requests",
            1,
            "bytes",
            BIG,
            "bytes__count",
            1,
            "min_bytes",
            BIG,
            "max_bytes",
            BIG,
            "avg_bytes__sum",
            BIG,
            "avg_bytes__count",
            1),
        row(
            plan,
            "hour",
            1L,
            "method",
            "A",
            "requests",
            1,
            "bytes",
            1L,
            "bytes__count",
            1,
            "min_bytes",
            BIG + 2,
            "max_bytes",
            BIG - 2),
        row(plan, "hour", 0L, "method", "B", "requests", 1, "bytes", 1L << 60, "bytes__count", 1),
        row(plan, "hour", 1L, "method", "B", "requests", 1, "bytes", 1L, "bytes__count", 1),
        row(
            plan,
            "hour",
            2L,
            "method",
            "B",
            "requests",
            1,
            "bytes",
            -(1L << 60),
            "bytes__count",
            1));
  }

  @Test
  @Order(20)
  void wholeNumbersBeyondDouble_areExact() throws Exception {
    ViewPlan plan = view("large");
    pinot.delta(plan, BASE + 10_000, 1, largeRows(plan));
    awaitRequests("large", 5);
    assertThat(
            rows(
                "SELECT method, MEASURE(bytes), MEASURE(min_bytes), MEASURE(max_bytes) FROM large GROUP BY method ORDER BY method"))
        .containsExactly(
            List.of("A", BIG + 1, BIG, BIG), java.util.Arrays.asList("B", 1L, null, null));
    assertThat(value("SELECT MEASURE(max_bytes) FROM large")).isEqualTo(BIG);
    JsonNode naive =
        pinot.broker("SELECT SUM(bytes), MAX(max_bytes) FROM large_v1 WHERE method = 'A'");
    assertThat(naive.path("resultTable").path("rows").get(0).get(0).asDouble())
        .isNotEqualTo((double) (BIG + 1) + 2);
    assertThat(
            new java.math.BigDecimal(naive.path("resultTable").path("rows").get(0).get(1).asText())
                .longValue())
        .as("Pinot's own answer")
        .isNotEqualTo(BIG);
  }

  @Test
  @Order(30)
  void manyGroups_areAllKept() throws Exception {
    ViewPlan plan = view("many");
    int groups = 320_000;
    List<Map<String, Object>> early = new ArrayList<>();
    List<Map<String, Object>> late = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      early.add(
          row(plan, "hour", (long) i, "method", "m" + i, "status", 200, "requests", 1 + i % 7));
      late.add(
          row(
              plan,
              "hour",
              (long) i,
              "method",
              "m" + (groups - 1 - i),
              "status",
              500,
              "requests",
              1));
    }
    Cut cut = new Cut(BASE + 20_000, GRAIN);
    pinot.publish(
        plan,
        "r1",
        cut,
        1,
        List.of(early.subList(0, groups / 2), early.subList(groups / 2, groups)));
    pinot.delta(plan, BASE + 30_000, 1, late);
    long total =
        early.stream().mapToLong(r -> ((Number) r.get("requests")).longValue()).sum() + groups;
    awaitRequests("many", total);

    Answer all =
        gateway.answer(
            "SELECT method, MEASURE(requests) AS n FROM many GROUP BY method LIMIT 400000",
            Mode.MERGED);
    assertThat(all.rows()).hasSize(groups);
    assertThat(all.rows().stream().mapToLong(r -> (Long) r.get(1)).sum()).isEqualTo(total);
    assertThat(all.provenance().batch().runId()).isEqualTo("r1");
    assertThat(all.provenance().batch().rows()).isEqualTo(groups);
    assertThat(all.provenance().speed().rows()).isEqualTo(groups);
  }

  @Test
  @Order(31)
  void topAndHaving_seeAllGroups() {
    int groups = 320_000;
    List<List<Object>> top =
        rows(
            "SELECT method, MEASURE(requests) AS n FROM many GROUP BY method ORDER BY n DESC LIMIT 10");
    assertThat(top).hasSize(10).allSatisfy(r -> assertThat(r.get(1)).isEqualTo(8L));

    List<List<Object>> having =
        rows(
            "SELECT method, MEASURE(requests) AS n FROM many GROUP BY method HAVING n = 2 LIMIT 10");
    assertThat(having).hasSize(10).allSatisfy(r -> assertThat(r.get(1)).isEqualTo(2L));
    assertThat(
            rows(
                "SELECT method, MEASURE(requests) FROM many GROUP BY method HAVING MEASURE(requests) = 2 LIMIT 100000"))
        .hasSize((groups + 6) / 7);
  }

  @Test
  @Order(32)
  void noLimit_isCutAndSaysSo() throws Exception {
    long total = (Long) value("SELECT MEASURE(requests) FROM many");
    Answer cut100k = gateway.answer("SELECT method FROM many GROUP BY method", Mode.MERGED);
    assertThat(cut100k.rows()).hasSize(pinot.config().serving().defaultLimit());
    assertThat(cut100k.provenance().truncated()).isTrue();

    assertThat(
            pinot
                .broker("SELECT method FROM many_v1 GROUP BY method")
                .path("resultTable")
                .path("rows"))
        .as("Pinot's own answer without LIMIT")
        .hasSize(10);
    assertThat(
            pinot
                .broker(
                    "SET minServerGroupTrimSize = 5000; SELECT method, SUM(requests) FROM many_v1 GROUP BY method HAVING SUM(requests) = 2 LIMIT 10")
                .path("resultTable")
                .path("rows")
                .size())
        .as("Pinot's own HAVING")
        .isLessThanOrEqualTo(10);
    JsonNode trimmed =
        pinot.broker(
            "SET minServerGroupTrimSize = 5000; SELECT method, SUM(requests) FROM many_v1 GROUP BY method LIMIT 400000");
    assertThat(trimmed.path("exceptions")).isEmpty();
    assertThat(value("SET minServerGroupTrimSize = 5; SELECT MEASURE(requests) FROM many"))
        .isEqualTo(total);
  }

  @Test
  @Order(40)
  void modes_splitAtTheCut() {
    long all = (Long) value("SELECT MEASURE(requests) FROM many");
    long batch =
        (Long)
            gateway.answer("SELECT MEASURE(requests) FROM many", Mode.BATCH).rows().get(0).get(0);
    long speed =
        (Long)
            gateway.answer("SELECT MEASURE(requests) FROM many", Mode.SPEED).rows().get(0).get(0);
    assertThat(batch + speed).isEqualTo(all);
    assertThat(value("SELECT MEASURE(requests) FROM many WHERE _arrived < " + (BASE + 20_000)))
        .isEqualTo(batch);
    assertThat(value("SELECT MEASURE(requests) FROM many WHERE _arrived >= " + (BASE + 20_000)))
        .isEqualTo(speed);
    assertThat(value("SELECT MEASURE(requests) FROM many WHERE _arrived < 5")).isEqualTo(0L);
  }

  @Test
  @Order(50)
  void swapUnderLoad_isNeverTorn() throws Exception {
    ViewPlan plan = view("swapped");
    List<Map<String, Object>> tens = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      tens.add(row(plan, "hour", (long) i, "method", "m", "status", i, "requests", 100));
    }
    for (int bucket = 1; bucket <= 6; bucket++) {
      pinot.delta(plan, BASE + bucket * 10_000L, bucket, tens);
    }
    awaitRequests("swapped", 6_000);
    AtomicBoolean isOver = new AtomicBoolean();
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    Queue<String> runs = new ConcurrentLinkedQueue<>();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    for (int t = 0; t < 2; t++) {
      threads.submit(
          () -> {
            while (!isOver.get()) {
              try {
                Answer answer =
                    gateway.answer("SELECT MEASURE(requests) FROM swapped", Mode.MERGED);
                Object value = answer.rows().get(0).get(0);
                Provenance.BatchPart batch = answer.provenance().batch();
                String run = batch == null ? "none" : batch.runId();
                // Run k covers k buckets and says 2 more for each than speed did.
                long expected =
                    6_000 + (batch == null ? 0 : 20L * Integer.parseInt(run.substring(1)));
                runs.add(run);
                if (!value.equals(expected)) {
                  wrong.add(run + ": " + value);
                }
              } catch (RecountException e) {
                wrong.add(e.getMessage());
              }
            }
          });
    }
    try {
      for (int run = 1; run <= 5; run++) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          rows.add(row(plan, "hour", (long) i, "method", "m", "status", i, "requests", 102 * run));
        }
        pinot.publish(
            plan,
            "s" + run,
            new Cut(BASE + (run + 1) * 10_000L, GRAIN),
            1 + run % 2,
            List.of(rows));
      }
    } finally {
      isOver.set(true);
      threads.shutdown();
    }
    assertThat(threads.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(wrong).isEmpty();
    assertThat(runs).hasSizeGreaterThan(50).contains("none", "s1", "s4");
  }

  @Test
  @Order(60)
  void whatPinotRefuses_isRefusedBefore() throws Exception {
    assertThatThrownBy(() -> rows("SELECT * FROM (SELECT * FROM plain) x"))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_UNSUPPORTED));
    assertThatThrownBy(() -> rows("SELECT * FROM nothing"))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VIEW_UNKNOWN))
        .hasMessageContaining("many, plain");
    assertThat(
            pinot
                .broker("SELECT MAX(max_bytes) FROM plain_v1 WHERE method = 'x'")
                .path("resultTable")
                .path("rows")
                .get(0)
                .get(0)
                .asText())
        .as("Pinot's own empty MAX")
        .isEqualTo("-Infinity");
  }

  private void assertNeverShort(long expected) {
    try {
      Answer answer = gateway.answer("SELECT MEASURE(requests) FROM many", Mode.MERGED);
      assertThat(answer.rows().get(0).get(0)).isEqualTo(expected);
    } catch (RecountException e) {
      assertThat(e.code()).isIn(ErrorCode.ANSWER_INCOMPLETE, ErrorCode.PINOT_UNAVAILABLE);
      assertThat(e.getMessage()).doesNotContain("\tat ", "java.");
    }
  }

  @Test
  @Order(70)
  void killedServer_neverMakesAnAnswerShort() {
    long expected = (Long) value("SELECT MEASURE(requests) FROM many");
    pinot.stack().kill("pinot-server");
    assertNeverShort(expected);
    await()
        .atMost(90, TimeUnit.SECONDS)
        .until(
            () -> {
              JsonNode own = pinot.broker("SELECT SUM(requests) FROM many_v1");
              return own.path("exceptions").isEmpty() && own.path("resultTable").isMissingNode()
                  || own.path("exceptions").toString().contains("305");
            });
    assertThatThrownBy(() -> value("SELECT MEASURE(requests) FROM many"))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ANSWER_INCOMPLETE));
    pinot.stack().start("pinot-server");
    await()
        .atMost(90, TimeUnit.SECONDS)
        .until(
            () -> {
              assertNeverShort(expected);
              try {
                return value("SELECT MEASURE(requests) FROM many").equals(expected);
              } catch (RecountException e) {
                return false;
              }
            });
  }
}
