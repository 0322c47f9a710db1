package dev.recount.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import dev.recount.contract.view.Measure;
import dev.recount.contract.view.StoredColumn;
import dev.recount.contract.view.ViewFile;
import dev.recount.contract.view.ViewPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.SetOperation;
import org.apache.datasketches.theta.Sketches;
import org.apache.datasketches.theta.Union;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two halves, aggregated apart and merged, are what Spark says of the whole. */
class AggregateTest {
  private static final StructType TYPE = EventRows.type(TestSpark.PAGE_VIEW);
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);

  @ParameterizedTest
  @ValueSource(strings = {"page_views", "traffic", "visitors"})
  void shippedViewsMergeToWhatSparkSays(String view) {
    checkMerged(TestSpark.shipped(view));
  }

  @Test
  void everyMeasureOverSubqueriesAndFiltersMerges() {
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
  void everyOtherMeasureMerges() {
    ViewFile file =
        ViewFile.parse(
            "others",
            "SELECT method, bool_or(bytes > 90000) AS large, bool_and(status = 200) AS good,"
                + " min(status = 200) AS all_good, max(CAST(event_time AS DATE)) AS day"
                + " FROM page_view GROUP BY ALL");
    checkMerged(file);
  }

  @Test
  void formulaIsStoredByItsParts() {
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
    merge(plan, COMPILER.aggregate(plan, frame(randomRows(1000))), merged);
    Map<String, Object> total = merged.values().iterator().next();
    assertThat(total).containsKeys("failed__1", "failed__2", "spread__3", "spread__3__count");
  }

  @Test
  void sketchesOfTwoPartsAreTheSketchOfAll() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "sketches",
                "SELECT hll_agg(event_time) AS times, tdigest_agg(bytes) AS sizes FROM page_view"),
            TestSpark.PAGE_VIEW);
    List<Row> rows = randomRows(4000);
    Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
    merge(plan, COMPILER.aggregate(plan, frame(rows.subList(0, 1500))), merged);
    Dataset<Row> second =
        frame(rows.subList(1500, 4000)).withColumn(StoredColumn.ARRIVED, functions.lit(0L));
    merge(plan, COMPILER.aggregateByArrival(plan, second), merged);
    Row all = COMPILER.aggregate(plan, frame(rows)).head();
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

  private static void checkMerged(ViewFile file) {
    ViewPlan plan = COMPILER.plan(file, TestSpark.PAGE_VIEW);
    List<Row> rows = randomRows(4000);
    Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
    merge(plan, COMPILER.aggregate(plan, frame(rows.subList(0, 1500))), merged);
    Dataset<Row> second =
        frame(rows.subList(1500, 4000))
            .withColumn(
                StoredColumn.ARRIVED, functions.expr("CAST(hash(page_url) % 3 AS BIGINT) * 10000"));
    Dataset<Row> byArrival = COMPILER.aggregateByArrival(plan, second);
    assertThat(byArrival.columns()).endsWith(StoredColumn.ARRIVED);
    assertThat(List.of(byArrival.columns()))
        .startsWith(ViewCompiler.columns(plan).toArray(String[]::new));
    merge(plan, byArrival, merged);
    frame(rows).createOrReplaceTempView("page_view");
    Map<List<Object>, Map<String, Object>> expected = expected(plan);
    assertThat(merged.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (key, measures) ->
            measures.forEach(
                (name, value) ->
                    assertThat(answer(plan.measure(name).orElseThrow(), merged.get(key)))
                        .as("%s of %s", name, key)
                        .isEqualTo(value)));
  }

  static Dataset<Row> frame(List<Row> rows) {
    return TestSpark.SESSION.createDataFrame(rows, TYPE);
  }

  private static List<Row> randomRows(int count) {
    return randomRows(count, new Random(7));
  }

  static List<Row> randomRows(int count, Random random) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(
          RowFactory.create(
              Instant.ofEpochMilli(1_700_000_000_000L + random.nextInt(7_200_000)),
              null,
              "10.0.0." + random.nextInt(200),
              random.nextInt(10) == 0 ? null : "s" + random.nextInt(150),
              "/p" + random.nextInt(4),
              null,
              random.nextInt(5) == 0 ? null : "b" + random.nextInt(2),
              null,
              random.nextInt(5) == 0 ? null : random.nextBoolean() ? "GET" : "POST",
              random.nextInt(9) == 0 ? null : 200 + random.nextInt(3) * 100,
              random.nextInt(3) == 0 ? null : (long) random.nextInt(100_000)));
    }
    return rows;
  }

  static void merge(ViewPlan plan, Dataset<Row> part, Map<List<Object>, Map<String, Object>> into) {
    for (Row row : part.collectAsList()) {
      List<Object> key = plan.dimensions().stream().map(d -> row.<Object>getAs(d.name())).toList();
      Map<String, Object> target = into.computeIfAbsent(key, k -> new TreeMap<>());
      plan.storedParts()
          .forEach(p -> target.merge(p.name(), row.getAs(p.name()), (a, b) -> merge(p, a, b)));
    }
  }

  private static Object merge(StoredColumn column, Object a, Object b) {
    switch (column.merge()) {
      case SUM:
        return a instanceof Long x ? (Object) (x + (Long) b) : (Object) ((Double) a + (Double) b);
      case MIN:
        return a instanceof Double x
            ? (Object) Math.min(x, (Double) b)
            : (Object) Math.min((Long) a, (Long) b);
      case MAX:
        return a instanceof Double x
            ? (Object) Math.max(x, (Double) b)
            : (Object) Math.max((Long) a, (Long) b);
      case HLL_UNION:
        return Sketched.hll((byte[]) a, (byte[]) b);
      case TDIGEST_MERGE:
        return Sketched.digest((byte[]) a, (byte[]) b);
      default:
        Union union = SetOperation.builder().setNominalEntries(4096).buildUnion();
        union.union(Sketches.wrapSketch(Memory.wrap((byte[]) a)));
        union.union(Sketches.wrapSketch(Memory.wrap((byte[]) b)));
        return union.getResult().toByteArray();
    }
  }

  private static Object answer(Measure measure, Map<String, Object> parts) {
    Object value = parts.get(measure.parts().get(0).name());
    Object count = parts.get(measure.name() + "__count");
    switch (measure.kind()) {
      case AVERAGE:
        return (Long) count == 0 ? null : ((Number) value).doubleValue() / (Long) count;
      case SUM:
        return (Long) count == 0 ? null : value;
      case MIN:
      case MAX:
        return value.equals(measure.parts().get(0).neutral())
            ? null
            : measure.type() == ColumnType.BOOLEAN
                ? (Object) ((Long) value == 1)
                : measure.type() == ColumnType.DATE
                    ? java.sql.Date.valueOf(java.time.LocalDate.ofEpochDay((Long) value))
                    : value;
      case THETA:
        return estimate((byte[]) value);
      default:
        return value;
    }
  }

  private static double estimate(byte[] sketch) {
    return Sketches.wrapSketch(Memory.wrap(sketch)).getEstimate();
  }

  private static Map<List<Object>, Map<String, Object>> expected(ViewPlan plan) {
    Map<List<Object>, Map<String, Object>> expected = new HashMap<>();
    for (Row row : TestSpark.SESSION.sql(plan.sql()).collectAsList()) {
      List<Object> key = plan.dimensions().stream().map(d -> stored(d, row)).toList();
      Map<String, Object> measures = new TreeMap<>();
      for (Measure measure : plan.measures()) {
        measures.put(measure.name(), plain(row.getAs(measure.name())));
      }
      expected.put(key, measures);
    }
    return expected;
  }

  private static Object stored(Dimension dimension, Row row) {
    Object value = row.getAs(dimension.name());
    if (value == null) {
      return dimension.storedNull();
    }
    if (value instanceof Integer) {
      return value;
    }
    return value instanceof java.sql.Date ? value.toString() : plain(value);
  }

  private static Object plain(Object value) {
    if (value instanceof java.sql.Timestamp time) {
      return time.getTime();
    }
    if (value instanceof Integer number) {
      return number.longValue();
    }
    return value instanceof byte[] sketch ? (Object) estimate(sketch) : value;
  }

  @Test
  void aSumThatLeavesLongIsMarkedAndStopsNothing() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse("big", "SELECT page_url, sum(bytes) AS b FROM page_view GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    List<Row> rows = new ArrayList<>();
    for (long bytes : new long[] {Long.MAX_VALUE, Long.MAX_VALUE, 5}) {
      rows.add(bytes("/over", bytes));
    }
    rows.add(bytes("/fits", Long.MAX_VALUE));
    rows.add(bytes("/fits", -3));
    Map<String, Row> byPage = new HashMap<>();
    COMPILER
        .aggregate(plan, frame(rows))
        .collectAsList()
        .forEach(r -> byPage.put(r.getString(0), r));
    assertThat(byPage.get("/over").getLong(1)).isEqualTo(Long.MAX_VALUE);
    assertThat(byPage.get("/over").getLong(2)).isEqualTo(StoredColumn.SUM_OVERFLOWED);
    assertThat(byPage.get("/fits").getLong(1)).isEqualTo(Long.MAX_VALUE - 3);
    assertThat(byPage.get("/fits").getLong(2)).isEqualTo(2);
  }

  private static Row bytes(String page, long bytes) {
    return RowFactory.create(
        Instant.EPOCH, null, "1.1.1.1", null, page, null, null, null, null, null, bytes);
  }

  @Test
  void groupsAreMadeOfStoredValues() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "v", "SELECT event_time, page_url, count(*) AS n FROM page_view GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    Instant base = Instant.ofEpochMilli(1000);
    List<Row> rows =
        List.of(
            RowFactory.create(
                base, null, "1.1.1.1", null, "a\0b", null, null, null, null, null, 1L),
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
                1L));
    assertThat(COMPILER.aggregate(plan, frame(rows)).collectAsList())
        .containsExactly(RowFactory.create(1000L, "a\uFFFDb", 2L));
    assertThat(COMPILER.aggregate(plan, frame(rows)).schema().fields())
        .extracting(f -> f.dataType())
        .containsExactly(DataTypes.LongType, DataTypes.StringType, DataTypes.LongType);
  }
}
