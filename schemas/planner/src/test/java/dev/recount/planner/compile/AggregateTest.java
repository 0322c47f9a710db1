package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.Measure;
import dev.recount.core.view.Merge;
import dev.recount.core.view.Rank;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.pass.Passes;
import dev.recount.planner.pass.StoredKeys;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two halves, aggregated apart and merged, are what Spark says of the whole. */
class AggregateTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);

  @ParameterizedTest
  @ValueSource(strings = {"page_views", "traffic", "visitors"})
  void shippedViews_mergeToWhatSparkSays(String view) {
    checkMerged(TestSpark.shipped(view));
  }

  @Test
  void everyMeasureOverSubqueriesAndFilters_merges() {
    checkMerged(
        ViewFile.parse(
            "all_of_it",
            "SELECT b AS name, day, n, good, total, least, newest, mean, ips FROM (SELECT"
                + " upper(browser) AS b, CAST(event_time AS DATE) AS day, count(bytes) AS n,"
                + " count_if(status = 200) AS good, sum(bytes) FILTER (WHERE status < 400) AS"
                + " total, min(status) AS least, max(event_time) AS newest,"
                + " avg(CAST(bytes AS DOUBLE)) FILTER (WHERE method = 'GET') AS mean,"
                + " theta_sketch_agg(ip_address) AS ips FROM (SELECT * FROM page_view WHERE"
                + " page_url <> '/p0') e GROUP BY upper(browser), CAST(event_time AS DATE)) x"));
  }

  @Test
  void everyOtherMeasure_merges() {
    ViewFile file =
        ViewFile.parse(
            "others",
            "SELECT method, bool_or(bytes > 90000) AS large, bool_and(status = 200) AS good,"
                + " min(status = 200) AS all_good, max(CAST(event_time AS DATE)) AS day,"
                + " min(session_id) AS first_session, max(browser) FILTER (WHERE status = 300) AS"
                + " last_browser"
                + " FROM page_view GROUP BY ALL");
    checkMerged(file);
  }

  @Test
  void formula_isStoredByItsParts() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "ratios",
                "SELECT browser, count_if(status >= 300) / count(*) AS failed, stddev(bytes) AS"
                    + " spread, CASE WHEN count(*) > 1 THEN 'many' ELSE 'one' END AS size FROM"
                    + " page_view GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    assertThat(plan.measure("failed").orElseThrow().formula())
        .isEqualTo("(CAST(\"failed__1\" AS DOUBLE) / CAST(\"failed__2\" AS DOUBLE))");
    assertThat(plan.measure("spread").orElseThrow().formula())
        .isEqualTo("sqrt(recount_variance(\"spread__1\", \"spread__2\", \"spread__3\", 1))");
    assertThat(plan.measure("size").orElseThrow().formula())
        .isEqualTo("CASE WHEN (\"size__1\" > 1) THEN 'many' ELSE 'one' END");
    Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
    Merged.merge(
        plan,
        COMPILER
            .aggregate(plan, PageViewRows.frame(PageViewRows.random(1000, new Random(7))))
            .collectAsList(),
        merged);
    Map<String, Object> total = merged.values().iterator().next();
    assertThat(total).containsKeys("failed__1", "failed__2", "spread__3", "spread__3__count");
  }

  @Test
  void sketchesOfTwoParts_areTheSketchOfAll() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "sketches",
                "SELECT hll_agg(event_time) AS times, tdigest_agg(bytes) AS sizes FROM page_view"),
            TestSpark.PAGE_VIEW);
    List<Row> rows = PageViewRows.random(4000, new Random(7));
    Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
    Merged.merge(
        plan,
        COMPILER.aggregate(plan, PageViewRows.frame(rows.subList(0, 1500))).collectAsList(),
        merged);
    Dataset<Row> second =
        PageViewRows.frame(rows.subList(1500, 4000))
            .withColumn(StoredColumn.ARRIVED, functions.lit(0L));
    Merged.merge(plan, Passes.aggregateByArrival(COMPILER, plan, second).collectAsList(), merged);
    Row all = COMPILER.aggregate(plan, PageViewRows.frame(rows)).head();
    Map<String, Object> parts = merged.get(List.of());
    assertThat((byte[]) parts.get("times")).isEqualTo((byte[]) all.get(0));
    long times = rows.stream().map(r -> r.get(0)).distinct().count();
    assertThat((double) Sketched.count((byte[]) parts.get("times")))
        .isBetween(times * 0.95, times * 1.05);
    double[] sizes =
        rows.stream()
            .filter(r -> !r.isNullAt(10))
            .mapToDouble(r -> r.getLong(10))
            .sorted()
            .toArray();
    for (double quantile : new double[] {0.01, 0.5, 0.95}) {
      assertThat(Sketched.quantile((byte[]) parts.get("sizes"), quantile))
          .isBetween(
              sizes[(int) (sizes.length * Math.max(0, quantile - 0.01))],
              sizes[(int) (sizes.length * (quantile + 0.01))]);
    }
  }

  @Test
  void valueAtTheLatestAndEarliest_isOneOfItsTime_andAlwaysTheSame() {
    checkMerged(
        ViewFile.parse(
            "ranked",
            "SELECT browser, max_by(page_url, date_trunc('MINUTE', event_time)) AS last_page,"
                + " min_by(session_id, date_trunc('MINUTE', event_time)) AS first_session,"
                + " max_by(bytes, status) AS bytes_of_worst, min_by(status, bytes % 9) AS status,"
                + " max_by(bytes / 7D, CAST(event_time AS DATE)) FILTER (WHERE status > 200) AS"
                + " share, max_by(status = 200, event_time) AS good, min_by(CAST(event_time AS"
                + " DATE), -bytes) AS day, max_by(event_time, bytes) AS time, max_by(method,"
                + " CAST(NULL AS INT)) AS nothing FROM page_view GROUP BY ALL"),
        EXACT);
  }

  private static final SparkSession EXACT = exactSession();

  private static SparkSession exactSession() {
    SparkSession session = TestSpark.SESSION.newSession();
    ExactFunctions.register(session);
    return session;
  }

  private static void checkMerged(ViewFile file) {
    checkMerged(file, TestSpark.SESSION);
  }

  /** Against the view's text as a session runs it over the whole. */
  private static void checkMerged(ViewFile file, SparkSession session) {
    checkMerged(file, session, PageViewRows.random(4000, new Random(7)));
  }

  private static void checkMerged(ViewFile file, SparkSession session, List<Row> rows) {
    ViewPlan plan = COMPILER.plan(file, TestSpark.PAGE_VIEW);
    int half = rows.size() * 3 / 8;
    Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
    Merged.merge(
        plan,
        COMPILER.aggregate(plan, PageViewRows.frame(rows.subList(0, half))).collectAsList(),
        merged);
    Dataset<Row> second =
        PageViewRows.frame(rows.subList(half, rows.size()))
            .withColumn(
                StoredColumn.ARRIVED, functions.expr("CAST(hash(page_url) % 3 AS BIGINT) * 10000"));
    Dataset<Row> byArrival = Passes.aggregateByArrival(COMPILER, plan, second);
    assertThat(byArrival.columns()).endsWith(StoredColumn.ARRIVED);
    assertThat(List.of(byArrival.columns()))
        .startsWith(ViewCompiler.columns(plan).toArray(String[]::new));
    Merged.merge(plan, byArrival.collectAsList(), merged);
    session.createDataFrame(rows, PageViewRows.TYPE).createOrReplaceTempView("page_view");
    Map<List<Object>, Map<String, Object>> expected = expected(plan, session);
    assertThat(merged.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (key, measures) ->
            measures.forEach(
                (name, value) ->
                    assertThat(answer(plan, name, merged.get(key)))
                        .as("%s of %s", name, key)
                        .isEqualTo(value)));
  }

  private static Object answer(ViewPlan plan, String measure, Map<String, Object> parts) {
    Object answer = Merged.answer(plan.measure(measure).orElseThrow(), parts);
    return answer instanceof Double number && number == 0 ? (Object) 0.0 : answer;
  }

  private static Map<List<Object>, Map<String, Object>> expected(
      ViewPlan plan, SparkSession session) {
    Map<List<Object>, Map<String, Object>> expected = new HashMap<>();
    for (Row row : ExactFunctions.rows(session, plan.sql()).collectAsList()) {
      List<Object> key =
          plan.dimensions().stream()
              .flatMap(d -> StoredKeys.of(d, row.getAs(d.name())).stream())
              .toList();
      Map<String, Object> measures = new TreeMap<>();
      for (Measure measure : plan.measures()) {
        measures.put(measure.name(), plain(row.getAs(measure.name())));
      }
      expected.put(key, measures);
    }
    return expected;
  }

  private static Object plain(Object value) {
    if (value instanceof java.sql.Timestamp time) {
      return time.getTime();
    }
    if (value instanceof Instant time) {
      return time.toEpochMilli();
    }
    if (value instanceof LocalDate day) {
      return java.sql.Date.valueOf(day);
    }
    if (value instanceof Integer number) {
      return number.longValue();
    }
    if (value instanceof Float number) {
      return plain(number.doubleValue());
    }
    if (value instanceof Double number) {
      return number == 0 ? 0.0 : number; // Which of 0.0 and -0.0 it is, Spark leaves open.
    }
    return value instanceof byte[] sketch ? (Object) Merged.estimate(sketch) : value;
  }

  @Test
  void extremesAndSumsOfWhateverNumbers_areThoseOfSpark() {
    List<String> doubles =
        List.of("NaN", "Infinity", "-Infinity", "0.0", "-0.0", "1.5", "-2.0", "x", "6.0");
    List<Long> longs = Arrays.asList(null, Long.MIN_VALUE, Long.MAX_VALUE, 0L, 7L);
    Random random = new Random(11);
    List<Row> rows = new ArrayList<>();
    for (int group = 0; group < 400; group++) {
      int size = 1 + random.nextInt(4);
      for (int i = 0; i < size; i++) {
        rows.add(
            RowFactory.create(
                Instant.ofEpochMilli(i),
                null,
                "",
                null,
                "/" + group,
                null,
                doubles.get(random.nextInt(doubles.size())),
                null,
                null,
                null,
                longs.get(random.nextInt(longs.size())),
                false));
      }
    }
    Collections.shuffle(rows, random);
    checkMerged(
        ViewFile.parse(
            "extremes",
            "SELECT page_url, min(d) AS lo, max(d) AS hi, max(CAST(d AS FLOAT)) AS f, sum(d) AS s,"
                + " avg(d) AS mean, min(bytes) AS least, max(bytes) AS largest, max(bytes) FILTER"
                + " (WHERE d < 0) AS some, bool_or(d > 5) AS big, bool_and(d > 5) AS all_big,"
                + " count_if(d > 5) AS n, max_by(d, event_time) AS last, min_by(d, event_time) AS"
                + " first, max_by(bytes, event_time) AS l FROM (SELECT *, CAST(browser AS DOUBLE)"
                + " AS d FROM page_view) AS e GROUP BY page_url"),
        EXACT,
        rows);
  }

  @Test
  void aSumBeyondLong_isExact_whateverRowsItIsIn() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse("big", "SELECT page_url, sum(bytes) AS b FROM page_view GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    long max = Long.MAX_VALUE;
    long min = Long.MIN_VALUE;
    Map<String, long[]> numbers =
        Map.of(
            "/none", new long[0],
            "/fits", new long[] {max, -3},
            "/least", new long[] {min},
            "/over", new long[] {max, 1},
            "/far", new long[] {max, max, max, max, 5},
            "/under", new long[] {min, min, min, -7},
            "/back", new long[] {max, max, min, min, 2},
            "/small", new long[] {-1, 1L << 32, -(1L << 32), 0xFFFFFFFFL});
    List<Row> events = new ArrayList<>();
    numbers.forEach(
        (page, all) ->
            LongStream.of(all).forEach(n -> events.add(PageViewRows.of(Instant.EPOCH, page, n))));
    events.add(
        RowFactory.create(
            Instant.EPOCH, null, "", null, "/none", null, null, null, null, null, null, false));
    for (int size : new int[] {1, 2, 3, events.size()}) {
      Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
      for (int from = 0; from < events.size(); from += size) {
        List<Row> some = events.subList(from, Math.min(events.size(), from + size));
        List<Row> rows = COMPILER.aggregate(plan, PageViewRows.frame(some)).collectAsList();
        assertThat(rows).allMatch(r -> r.<Long>getAs("b__carry") == 0 || r.<Long>getAs("b") < 0);
        Merged.merge(plan, rows, merged);
      }
      numbers.forEach(
          (page, all) -> {
            BigInteger sum =
                LongStream.of(all)
                    .mapToObj(BigInteger::valueOf)
                    .reduce(BigInteger.ZERO, BigInteger::add);
            Object answer = Merged.answer(plan.measures().get(0), merged.get(List.of(page)));
            assertThat(answer == null ? BigInteger.ZERO : new BigInteger(answer.toString()))
                .as("%s by %s", page, size)
                .isEqualTo(sum);
          });
    }
  }

  @Test
  void times_areToldApartByTheMicrosecond_andNumbersTooLargeForARankAreMarked() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "v",
                "SELECT max_by(page_url, event_time) AS last, min_by(page_url, event_time) AS"
                    + " first, max_by(page_url, bytes) AS most, min_by(page_url, bytes) AS least"
                    + " FROM page_view"),
            TestSpark.PAGE_VIEW);
    Instant now = Instant.parse("2024-02-29T12:00:00.123Z");
    List<Instant> times =
        List.of(
            Instant.parse("0001-01-01T00:00:00Z"),
            Instant.parse("1830-01-01T00:00:00.001Z"),
            Instant.parse("1833-11-24T17:31:43.999999Z"),
            Instant.parse("1833-11-24T17:31:44Z"),
            Instant.parse("1969-12-31T23:59:59.999999Z"),
            Instant.EPOCH,
            now,
            now.plusNanos(1000),
            now.plusNanos(999_000),
            now.plusNanos(1_000_000),
            now.plusSeconds(1).minusNanos(123_001_000),
            now.plusSeconds(1).minusNanos(123_000_000),
            Instant.parse("2106-02-07T06:28:15.999999Z"),
            Instant.parse("2106-02-07T06:28:16Z"),
            Instant.parse("9999-12-31T23:59:59.998999Z"),
            Instant.parse("9999-12-31T23:59:59.999999Z"));
    for (int i = 1; i < times.size(); i++) {
      Row row =
          COMPILER
              .aggregate(
                  plan,
                  PageViewRows.frame(
                      List.of(
                          PageViewRows.of(times.get(i), "/" + i, i),
                          PageViewRows.of(times.get(i - 1), "/" + (i - 1), -1L << 42))))
              .head();
      assertThat(row.<String>getAs("last")).as("latest of %s", times.get(i)).isEqualTo("/" + i);
      assertThat(row.<String>getAs("first")).isEqualTo("/" + (i - 1));
      assertThat(row.<String>getAs("least")).isEqualTo("/" + (i - 1));
      assertThat(row.<Long>getAs("most__rank") >> 31).isEqualTo(i);
    }
    Row beyond =
        COMPILER
            .aggregate(
                plan,
                PageViewRows.frame(
                    List.of(PageViewRows.of(now, "/1", 3), PageViewRows.of(now, "/2", 1L << 42))))
            .head();
    assertThat(beyond.<Long>getAs("most__rank")).isEqualTo(Rank.beyond(Merge.MAX));
    assertThat(beyond.<Long>getAs("least__rank")).isEqualTo(Rank.beyond(Merge.MIN));
  }

  @Test
  void groups_areMadeOfStoredValues() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "v", "SELECT event_time, page_url, count(*) AS n FROM page_view GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    Instant base = Instant.ofEpochMilli(1000);
    List<Row> rows =
        List.of(
            RowFactory.create(
                base, null, "1.1.1.1", null, "a\0b", null, null, null, null, null, 1L, false),
            RowFactory.create(
                base.plusNanos(5000),
                null,
                "",
                null,
                "a\uFFFDb",
                null,
                null,
                null,
                null,
                null,
                1L,
                false));
    assertThat(COMPILER.aggregate(plan, PageViewRows.frame(rows)).collectAsList())
        .containsExactlyInAnyOrder(
            RowFactory.create(1000L, "a\u0001\u0001b", 1L),
            RowFactory.create(1000L, "a\uFFFDb", 1L));
    assertThat(COMPILER.aggregate(plan, PageViewRows.frame(rows)).schema().fields())
        .extracting(f -> f.dataType())
        .containsExactly(DataTypes.LongType, DataTypes.StringType, DataTypes.LongType);
  }
}
