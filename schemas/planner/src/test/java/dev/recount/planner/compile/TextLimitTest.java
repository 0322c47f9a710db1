package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.pass.Passes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

/** What would make texts and lists of any length is NULL, alike in both layers and the recount. */
class TextLimitTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final int MIB = TextLimit.LARGEST_BYTES;

  private static Row event(String page, String browser, long bytes) {
    Object[] values = new Object[PageViewRows.TYPE.length()];
    values[PageViewRows.TYPE.fieldIndex("event_time")] = Instant.EPOCH;
    values[PageViewRows.TYPE.fieldIndex("ip_address")] = "a";
    values[PageViewRows.TYPE.fieldIndex("page_url")] = page;
    values[PageViewRows.TYPE.fieldIndex("browser")] = browser;
    values[PageViewRows.TYPE.fieldIndex("bytes")] = bytes;
    return RowFactory.create(values);
  }

  /** Each expression's value, by a view that groups by all of them: both layers and a recount. */
  private static Map<String, Set<Object>> values(List<String> expressions, Row event) {
    String columns =
        IntStream.range(0, expressions.size())
            .mapToObj(i -> expressions.get(i) + " AS d" + i)
            .collect(Collectors.joining(", "));
    String sql = "SELECT " + columns + ", count(*) AS n FROM page_view GROUP BY ALL";
    ViewPlan plan = COMPILER.plan(ViewFile.parse("v", sql), TestSpark.PAGE_VIEW);
    Dataset<Row> events = PageViewRows.frame(List.of(event));
    Row batch = COMPILER.aggregate(plan, events).first();
    Row speed =
        Passes.aggregateByArrival(
                COMPILER,
                plan,
                events.coalesce(1).withColumn(StoredColumn.ARRIVED, functions.lit(0L)))
            .first();
    var session = TestSpark.SESSION.newSession();
    ExactFunctions.register(session);
    session.createDataFrame(List.of(event), events.schema()).createOrReplaceTempView("page_view");
    Row recount = ExactFunctions.rows(session, sql).first();
    assertThat(batch.<Long>getAs("n")).isEqualTo(1);
    assertThat(speed.<Long>getAs("n")).isEqualTo(1);
    Map<String, Set<Object>> values = new LinkedHashMap<>();
    for (int i = 0; i < expressions.size(); i++) {
      Object counted = recount.get(i);
      values.put(
          expressions.get(i),
          Set.copyOf(
              Arrays.asList(
                  batch.get(i), speed.get(i), counted == null ? StoredText.NULL : counted)));
    }
    return values;
  }

  private static final List<String> TOO_LONG =
      List.of(
          "repeat(page_url, CAST(bytes AS INT))",
          "repeat(repeat(page_url, 1000), 1000)",
          "space(CAST(bytes AS INT))",
          "lpad(page_url, CAST(bytes AS INT), 'x')",
          "rpad(page_url, CAST(bytes AS INT), browser)",
          "replace(page_url, 'x', browser)",
          "regexp_replace(page_url, 'x', browser)",
          "regexp_replace(page_url, '', repeat(browser, 3))",
          "page_url || page_url",
          "concat_ws(browser, array_repeat('', 1000000))",
          "array_join(array_repeat(page_url, CAST(bytes AS INT)), '')",
          "array_join(array_repeat(page_url, 1000000), browser)",
          "array_join(transform(sequence(1, bytes), x -> 'y'), '')",
          "format_string(concat('%', bytes, 'd'), 1)",
          "format_number(1, CAST(bytes AS INT))",
          "hex(page_url)",
          "to_json(named_struct('a', page_url, 'b', page_url))",
          "CAST(array(page_url, page_url) AS STRING)",
          "hex(lpad(CAST(page_url AS BINARY), CAST(bytes AS INT), X'00'))");

  @Test
  void tooLong_isNull() {
    Row event = event("x".repeat(MIB - 1000), "y".repeat(600_000), 2_000_000_000);
    assertThat(values(TOO_LONG, event))
        .allSatisfy((e, values) -> assertThat(values).containsOnly(StoredText.NULL));
  }

  private static final List<String> FITTING =
      List.of(
          "repeat(page_url, 3)",
          "repeat(page_url, -3)",
          "space(3)",
          "space(-3)",
          "lpad(page_url, 9, 'ab')",
          "rpad(page_url, 9, browser)",
          "lpad(page_url, -1, 'x')",
          "replace(page_url, 'x', browser)",
          "regexp_replace(page_url, 'x', browser)",
          "concat_ws('-', page_url, array('a', NULL), NULL)",
          "array_join(array_repeat(page_url, 3), '-')",
          "array_join(sequence(1, bytes), ',')",
          "array_join(sequence(event_time, event_time + INTERVAL 2 HOURS, INTERVAL 1 HOUR), ',')",
          "format_string('%5d%s', bytes, page_url)",
          "format_number(bytes, 2)",
          "hex(page_url)",
          "coalesce(page_url, browser)",
          "upper(page_url)");

  /** What Spark says without a limit. */
  @Test
  void shortEnough_isWhatItWas() {
    Row event = event("xaxb", "yy", 5);
    Row expected =
        PageViewRows.frame(List.of(event)).selectExpr(FITTING.toArray(String[]::new)).first();
    Map<String, Set<Object>> values = values(FITTING, event);
    for (int i = 0; i < FITTING.size(); i++) {
      assertThat(values.get(FITTING.get(i))).as(FITTING.get(i)).containsOnly(expected.get(i));
    }
  }

  @Test
  void textsOfEvents_areNotTouched() {
    String large = "x".repeat(3 * MIB);
    assertThat(values(List.of("page_url", "coalesce(page_url, browser)"), event(large, "", 0)))
        .allSatisfy((e, values) -> assertThat(values).containsOnly(large));
  }

  /** As the group's value by a measure, in both layers and by a recount. */
  @Test
  void whatMeasuresKeep_isBoundedAlike() {
    String sql =
        "SELECT max(page_url) AS a, min(browser) AS b, max_by(page_url, bytes) AS c,"
            + " max_by(browser, bytes) AS d, count(page_url) AS n FROM page_view";
    List<Row> rows = new ArrayList<>();
    rows.add(event("x".repeat(MIB + 1), "\u0002".repeat(400_000), 9));
    rows.add(event("w", "\u0002".repeat(300_000), 5));
    ViewPlan plan = COMPILER.plan(ViewFile.parse("v", sql), TestSpark.PAGE_VIEW);
    Dataset<Row> events = PageViewRows.frame(rows);
    Row batch = COMPILER.aggregate(plan, events).first();
    var session = TestSpark.SESSION.newSession();
    ExactFunctions.register(session);
    session.createDataFrame(rows, events.schema()).createOrReplaceTempView("page_view");
    Row recount = ExactFunctions.rows(session, sql).first();
    for (Row row : List.of(batch, recount)) {
      assertThat(row.<String>getAs("a")).isEqualTo("w");
      assertThat(row.<String>getAs("b")).hasSize(300_000);
      assertThat(row.<String>getAs("c")).isIn("", null);
      assertThat(row.<String>getAs("d")).isIn("", null);
      assertThat(row.<Long>getAs("n")).isEqualTo(2);
    }
  }

  @Test
  void aFieldThatIsNeverNull_staysSo() {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "v",
                "SELECT ip_address, upper(ip_address) AS u, count(*) AS n FROM page_view"
                    + " GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    boolean isNullable = TestSpark.PAGE_VIEW.avro().getField("ip_address").schema().isNullable();
    assertThat(plan.dimensions()).allMatch(d -> d.nullable() == isNullable);
  }
}
