package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.pass.Passes;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

/** An event that an expression fails on neither stops a layer nor changes what the others count. */
class UnfailingTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final String VIEW =
      """
      SELECT coalesce(CAST(page_url AS INT), -1) AS page,
             count(*) AS n,
             count(bytes * 1000000000) AS fits,
             sum(bytes * 1000000000) AS total,
             sum(100 / status) AS shares,
             count_if(split(ip_address, '[.]')[3] = '4') AS fours,
             max(to_date(browser)) AS day,
             max_by(bytes * 1000000000, CAST(method AS INT)) AS latest,
             count(*) FILTER (WHERE CAST(method AS INT) > 0) AS positive
      FROM page_view
      WHERE coalesce(bytes + 1, 1) > 0
      GROUP BY ALL
      """;

  private static Row event(
      String page, String ip, String browser, String method, Integer status, Long bytes) {
    return RowFactory.create(
        Instant.EPOCH, null, ip, null, page, null, browser, null, method, status, bytes, false);
  }

  private static final List<Row> EVENTS =
      List.of(
          event("7", "1.2.3.4", "2024-02-29", "5", 50, 3L),
          event("7", "1.2", "never", "x", 0, Long.MAX_VALUE / 1_000),
          event("seven", "", null, null, null, Long.MAX_VALUE));

  @Test
  void bothLayers_countTheRest_andAgreeWithARecount() {
    ViewPlan plan = COMPILER.plan(ViewFile.parse("v", VIEW), TestSpark.PAGE_VIEW);
    Dataset<Row> events = PageViewRows.frame(EVENTS);
    List<Row> batch = sorted(COMPILER.aggregate(plan, events));
    List<Row> speed =
        sorted(
            Passes.aggregateByArrival(
                    COMPILER,
                    plan,
                    events.coalesce(1).withColumn(StoredColumn.ARRIVED, functions.lit(0L)))
                .drop(StoredColumn.ARRIVED));
    assertThat(speed).isEqualTo(batch);
    assertThat(batch.get(0).<Long>getAs("page")).isEqualTo(-1);
    assertThat(batch.get(0).<Long>getAs("n")).isEqualTo(1);
    Row sevens = batch.get(1);
    assertThat(sevens.<Long>getAs("n")).isEqualTo(2);
    assertThat(sevens.<Long>getAs("fits")).isEqualTo(1);
    assertThat(sevens.<Long>getAs("total")).isEqualTo(3_000_000_000L);
    assertThat(sevens.<Double>getAs("shares")).isEqualTo(2.0);
    assertThat(sevens.<Long>getAs("shares__count")).isEqualTo(1);
    assertThat(sevens.<Long>getAs("fours")).isEqualTo(1);
    assertThat(sevens.<Long>getAs("latest")).isEqualTo(3_000_000_000L);
    assertThat(sevens.<Long>getAs("positive")).isEqualTo(1);
    var session = TestSpark.SESSION.newSession();
    ExactFunctions.register(session);
    session.createDataFrame(EVENTS, events.schema()).createOrReplaceTempView("page_view");
    List<Row> recount = sorted(ExactFunctions.rows(session, VIEW));
    for (int i = 0; i < batch.size(); i++) {
      for (String column : List.of("page", "n", "fits", "fours", "positive")) {
        assertThat(recount.get(i).<Object>getAs(column))
            .hasToString("" + batch.get(i).getAs(column));
      }
    }
    assertThat(recount.get(1).<Long>getAs("total")).isEqualTo(3_000_000_000L);
  }

  @Test
  void rangesAndNullif_areLookedInto() {
    String sql =
        "SELECT method, count(*) FILTER (WHERE status BETWEEN 0 AND 50) AS low,"
            + " sum(nullif(bytes * 1000000000, 3000000000)) AS rest,"
            + " nullif(sum(CAST(browser AS INT)), 0) AS browsers,"
            + " count(*) / nullif(count_if(CAST(ip_address AS INT) BETWEEN 1 AND 2), 0) AS share"
            + " FROM page_view WHERE status NOT BETWEEN 100 AND 200 OR status IS NULL GROUP BY ALL";
    ViewPlan plan = COMPILER.plan(ViewFile.parse("v", sql), TestSpark.PAGE_VIEW);
    assertThat(plan.measure("browsers").orElseThrow().formula())
        .isEqualTo("NULLIF(\"browsers__1\", 0)");
    Map<String, Row> groups = new HashMap<>();
    COMPILER
        .aggregate(plan, PageViewRows.frame(EVENTS))
        .collectAsList()
        .forEach(row -> groups.put(row.getAs("method"), row));
    assertThat(groups).hasSize(3);
    assertThat(groups.get("5").<Long>getAs("low")).isEqualTo(1);
    assertThat(groups.get("5").<Long>getAs("rest__count")).isZero();
    assertThat(groups.get("x").<Long>getAs("browsers__1__count")).isZero();
    assertThat(groups.get("x").<Long>getAs("share__2")).isZero();
  }

  @Test
  void aColumnOverWhatMayFail_canBeNull() {
    String sql =
        "SELECT size, count(*) AS n FROM (SELECT length(page_url) * 1000000000 AS size"
            + " FROM page_view) AS e GROUP BY size";
    ViewPlan plan = COMPILER.plan(ViewFile.parse("v", sql), TestSpark.PAGE_VIEW);
    assertThat(plan.dimensions().get(0).nullable()).isTrue();
    assertThat(COMPILER.aggregate(plan, PageViewRows.frame(EVENTS)).collectAsList())
        .extracting(row -> row.get(0))
        .contains(Dimension.NULL_LONG, 1_000_000_000L);
  }

  private static List<Row> sorted(Dataset<Row> rows) {
    return rows.collectAsList().stream()
        .sorted(Comparator.comparing(r -> r.<Number>getAs("page").longValue()))
        .toList();
  }
}
