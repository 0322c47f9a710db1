package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.clearspring.analytics.stream.cardinality.HyperLogLog;
import com.tdunning.math.stats.TDigest;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.pinot.Mode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.datasketches.theta.UpdateSketch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Measures of every other kind, merged by a real Pinot from rows of two micro-batches. */
@ExtendWith(PinotExtension.class)
class MeasuresIT {
  private static final Instant SEEN = Instant.parse("2026-01-01T00:00:00Z");

  private static final int VALUES = 1000;

  @Test
  void mergedAnswers_areThoseOfAllValues(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.others("others");
    Gateway gateway = pinot.gateway();
    pinot.create(plan);
    pinot.delta(plan, 10_000, 1, List.of(row(plan, 0, VALUES / 4)));
    pinot.delta(plan, 10_000, 2, List.of(row(plan, VALUES / 4, VALUES)));
    awaitCount(pinot, "others", VALUES);
    List<Object> merged =
        gateway
            .answer(
                "SELECT MEASURE(large), MEASURE(good), MEASURE(day), MEASURE(share),"
                    + " MEASURE(spread), MEASURE(times), MEASURE(latency, 95),"
                    + " MEASURE(latency, 50.5) FROM others",
                Mode.MERGED)
            .rows()
            .get(0);
    assertThat(merged.subList(0, 4)).containsExactly(true, false, "2024-02-29", 0.25);
    assertThat((Double) merged.get(4))
        .isCloseTo(Math.sqrt(VALUES * (VALUES + 1) / 12.0), within(1e-9));
    assertThat((double) (Long) merged.get(5)).isBetween(VALUES * 0.95, VALUES * 1.05);
    assertThat((Double) merged.get(6)).isBetween(940.0, 960.0);
    assertThat((Double) merged.get(7)).isBetween(495.0, 515.0);
    assertThat(
            gateway
                .answer(
                    "SELECT MEASURE(large), MEASURE(day), MEASURE(share), MEASURE(spread),"
                        + " MEASURE(times), MEASURE(latency, 95) FROM others WHERE method = 'x'",
                    Mode.MERGED)
                .rows()
                .get(0))
        .containsExactly(null, null, null, null, 0L, null);
  }

  private static void awaitCount(TestingPinot pinot, String view, long expected) {
    await()
        .atMost(60, TimeUnit.SECONDS)
        .ignoreExceptions()
        .until(() -> pinot.value("SELECT MEASURE(n) FROM " + view).equals(expected));
  }

  @Test
  void valueAtATime_isThatOfTheWinningRank_inAnyOrder(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.ranked("latest");
    String page = "/b \u00FC+%20\uD83D\uDE00";
    pinot.create(plan);
    long late = (1L << 42) + 7;
    pinot.delta(
        plan,
        10_000,
        1,
        List.of(
            ranked(plan, "GET", page, late, 1000L, 5),
            ranked(plan, "PUT", "/z", 3, 7000L, -3),
            ranked(plan, "POST", "/p", Long.MAX_VALUE, 1L, 1)));
    pinot.delta(
        plan,
        10_000,
        2,
        List.of(
            ranked(plan, "GET", "/a", late - 2, 0L, 3),
            ranked(plan, "PUT", "", 6, 8000L, -4),
            TestingPinot.row(plan, Map.of("method", "PATCH", "n", 1)),
            ranked(plan, "POST", "/q", 5, 2L, 3)));
    pinot.delta(plan, 20_000, 3, List.of(ranked(plan, "GET", "/c", late - 4, 2000L, 7)));
    awaitCount(pinot, "latest", 8);
    assertThat(
            pinot.rows(
                "SELECT method, MEASURE(last_page), MEASURE(first_time) FROM latest WHERE method <>"
                    + " 'POST' GROUP BY method ORDER BY MEASURE(last_page) DESC, method LIMIT 2"))
        .containsExactly(List.of("GET", page, Instant.EPOCH), Arrays.asList("PATCH", null, null));
    assertThat(
            pinot.rows(
                "SELECT method FROM latest WHERE method <> 'POST' GROUP BY method HAVING"
                    + " MEASURE(first_time) IS NULL ORDER BY method"))
        .containsExactly(List.of("PATCH"), List.of("PUT"));
    assertThat(pinot.rows("SELECT MEASURE(last_page) FROM latest WHERE method = 'none'"))
        .containsExactly(Arrays.asList((Object) null));
    assertThatThrownBy(() -> pinot.rows("SELECT MEASURE(last_page) FROM latest"))
        .hasMessageContaining("timestamp_micros(t)");
  }

  private static final long HOUR = 3_600_000;
  private static final int VISITORS = 2_000;

  /** Visitors are numbers; each browser, status and hour has those that a number divides. */
  @Test
  void setsOfVisitors_areThoseOfExactSets(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.visitors("visitors");
    pinot.create(plan);
    pinot.delta(
        plan,
        10_000,
        1,
        List.of(
            visitors(plan, 0, "Firefox", 200, 2),
            visitors(plan, 0, "Chrome", 404, 3),
            visitors(plan, HOUR, "it's", 200, 5)));
    pinot.delta(
        plan,
        20_000,
        2,
        List.of(visitors(plan, HOUR, "Chrome", 200, 7), visitors(plan, 0, null, null, 1)));
    awaitCount(pinot, "visitors", 5);
    IntPredicate firefox = v -> v % 2 == 0;
    IntPredicate chrome = v -> v % 3 == 0 || v % 7 == 0;
    IntPredicate quoted = v -> v % 5 == 0;
    IntPredicate failed = v -> v % 3 == 0;
    IntPredicate late = v -> v % 5 == 0 || v % 7 == 0;
    IntPredicate known = firefox.or(chrome).or(quoted);
    List<String> sets =
        List.of(
            of("theta_intersection", "browser = 'Firefox'", "browser = 'Chrome'"),
            of("theta_difference", "browser = 'Firefox'", "browser IN ('Chrome', 'it''s')"),
            of("theta_union", "browser = 'it''s'", "status >= 400 AND browser LIKE 'Chr%'"),
            of("theta_union", "hour >= '1970-01-01 01:00:00'", "browser = 'none'"),
            of("theta_difference", "browser IS NULL", "browser IS NOT NULL"),
            "theta_intersection("
                + of("theta_union", "status = 200", "status = 404")
                + ", MEASURE(visitors))",
            "MEASURE(visitors) FILTER (WHERE status = 404)",
            "MEASURE(visitors)");
    assertThat(pinot.rows("SELECT " + String.join(", ", sets) + " FROM visitors"))
        .containsExactly(
            List.of(
                count(firefox.and(chrome)),
                count(firefox.and(chrome.or(quoted).negate())),
                count(quoted.or(failed)),
                count(late),
                count(known.negate()),
                count(known),
                count(failed),
                (long) VISITORS));
    assertThat(
            pinot.rows(
                "SELECT hour, "
                    + of("theta_intersection", "browser = 'Firefox'", "status = 404")
                    + " AS both_of FROM visitors GROUP BY hour HAVING "
                    + of("theta_union", "status = 404", "status = 200")
                    + " > 0 ORDER BY both_of DESC LIMIT 1"))
        .containsExactly(List.of(Instant.EPOCH, count(firefox.and(failed))));
  }

  private static String of(String function, String left, String right) {
    String set = "MEASURE(visitors) FILTER (WHERE ";
    return function + "(" + set + left + "), " + set + right + "))";
  }

  private static long count(IntPredicate set) {
    return IntStream.rangeClosed(1, VISITORS).filter(set).count();
  }

  private static Map<String, Object> visitors(
      ViewPlan plan, long hour, String browser, Integer status, int divisor) {
    UpdateSketch sketch = UpdateSketch.builder().setNominalEntries(4096).build();
    IntStream.rangeClosed(1, VISITORS).filter(v -> v % divisor == 0).forEach(sketch::update);
    String bytes = HexFormat.of().formatHex(sketch.compact().toByteArray());
    Map<String, Object> values = new HashMap<>();
    values.put("hour", hour);
    values.put("n", 1);
    values.put("visitors", bytes);
    values.put("others", bytes);
    if (browser != null) {
      values.put("browser", browser);
      values.put("status", status);
    }
    return TestingPinot.row(plan, values);
  }

  @Test
  void extremesOfStrings_areInTheOrderOfTheirBytes(TestingPinot pinot) throws Exception {
    ViewPlan plan = Plans.texts("texts");
    pinot.create(plan);
    String supplementary = "\uD83D\uDE00";
    pinot.delta(
        plan,
        10_000,
        1,
        List.of(
            texts(plan, "GET", "b", "b"),
            seen(plan),
            texts(plan, "PUT", "", supplementary),
            TestingPinot.row(plan, Map.of("method", "PATCH", "n", 1))));
    pinot.delta(
        plan,
        20_000,
        2,
        List.of(texts(plan, "GET", "a'\"\\", "c"), texts(plan, "PUT", "\uFFFD", "\uFFFD")));
    awaitCount(pinot, "texts", 6);
    assertThat(
            pinot.rows(
                "SELECT method, MEASURE(least), MEASURE(largest), MEASURE(n) FROM texts GROUP BY"
                    + " method ORDER BY MEASURE(largest), method LIMIT 4"))
        .containsExactly(
            Arrays.asList("PATCH", null, null, 1L),
            List.of("GET", "a'\"\\", "c", 2L),
            List.of("a''b", "q", "q", 1L),
            List.of("PUT", "", supplementary, 2L));
    assertThat(pinot.value("SELECT MEASURE(n) FROM texts WHERE method = 'a''''b'")).isEqualTo(1L);
    assertThat(pinot.rows("SELECT MAX(largest) FROM texts"))
        .containsExactly(List.of(supplementary));
    assertThat(
            pinot.rows(
                "SELECT method FROM texts GROUP BY method HAVING MEASURE(largest) >= 'c' ORDER BY"
                    + " MEASURE(n) DESC, method LIMIT 1"))
        .containsExactly(List.of("GET"));
    assertThat(
            pinot.rows(
                "SELECT method, seen, MEASURE(least) FROM texts WHERE method <> 'PATCH' GROUP BY"
                    + " method, seen"))
        .containsExactlyInAnyOrder(
            Arrays.asList("GET", null, "a'\"\\"),
            Arrays.asList("a''b", SEEN, "q"),
            Arrays.asList("PUT", null, ""));
    assertThat(pinot.rows("SELECT MEASURE(least) FROM texts WHERE method = 'none'"))
        .containsExactly(Arrays.asList((Object) null));
  }

  private static Map<String, Object> seen(ViewPlan plan) {
    return TestingPinot.row(
        plan,
        Map.of(
            "method", "a''b", "seen", SEEN.toEpochMilli(), "n", 1, "least", "q", "largest", "q"));
  }

  private static Map<String, Object> texts(
      ViewPlan plan, String method, String least, String largest) {
    return TestingPinot.row(plan, "method", method, "n", 1, "least", least, "largest", largest);
  }

  private static Map<String, Object> ranked(
      ViewPlan plan, String method, String page, long pageRank, long time, long timeRank) {
    return TestingPinot.row(
        plan,
        "method",
        method,
        "n",
        1,
        "last_page",
        page,
        "last_page__rank",
        pageRank,
        "first_time",
        time,
        "first_time__rank",
        timeRank);
  }

  /** What the planner stores of the values from..to-1, of which the first quarter are failed. */
  private static Map<String, Object> row(ViewPlan plan, int from, int to) throws IOException {
    HyperLogLog times = new HyperLogLog(12);
    TDigest latency = TDigest.createMergingDigest(100);
    double sum = 0;
    double squares = 0;
    for (int value = from; value < to; value++) {
      times.offer(value);
      latency.add(value);
      sum += value;
      squares += (double) value * value;
    }
    byte[] digest = new byte[latency.byteSize()];
    latency.asBytes(ByteBuffer.wrap(digest));
    Map<String, Object> values = new HashMap<>();
    values.put("method", "GET");
    values.put("n", to - from);
    values.put("large", from == 0 ? 0 : 1);
    values.put("good", from == 0 ? 0 : 1);
    values.put("day", from == 0 ? 19782 : 19700);
    values.put("share__1", from == 0 ? to : 0);
    values.put("share__2", to - from);
    values.put("spread__1", to - from);
    values.put("spread__2", sum);
    values.put("spread__2__count", to - from);
    values.put("spread__3", squares);
    values.put("spread__3__count", to - from);
    values.put("times", HexFormat.of().formatHex(times.getBytes()));
    values.put("latency", HexFormat.of().formatHex(digest));
    return TestingPinot.row(plan, values);
  }
}
