package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.pass.Passes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random events with duplicates, in any order, cut anywhere into a batch and micro-batches: the
 * merged parts are those of a recount of all.
 */
class AnySplitTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final int MOST_MICRO_BATCHES = 4;
  private static final double ROUNDING = 1e-9;

  private static final String EXACT =
      """
      SELECT method, count(*) AS n, sum(bytes) AS total, sum(CAST(bytes AS DOUBLE)) AS real_total,
        avg(bytes) AS mean, min(bytes) AS least, max(CAST(bytes AS DOUBLE)) AS most,
        max(event_time) AS newest, min(CAST(event_time AS DATE)) AS day,
        bool_or(bytes > 99000) AS any_large, bool_and(bytes > 1000) AS all_large,
        count_if(status >= 300) / count(*) AS share, variance(bytes) AS spread,
        min(session_id) AS least_session, max(page_url) AS largest_page,
        max_by(page_url, date_trunc('HOUR', event_time)) AS last_page,
        min_by(session_id, date_trunc('HOUR', event_time)) AS first_visit,
        max_by(bytes, status) FILTER (WHERE bytes > 10) AS bytes_of_worst,
        theta_sketch_agg(session_id) AS visits, hll_agg(ip_address) AS addresses
      FROM page_view GROUP BY ALL
      """;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void mergedParts_areThoseOfARecount(long seed) {
    Random random = new Random(seed);
    List<Row> rows = PageViewRows.random(1 + random.nextInt(800), random);
    for (int i = random.nextInt(50); i > 0; i--) {
      rows.add(rows.get(random.nextInt(rows.size())));
    }
    Collections.shuffle(rows, random);
    ViewPlan plan = COMPILER.plan(ViewFile.parse("v", EXACT), TestSpark.PAGE_VIEW);
    Map<List<Object>, Map<String, Object>> merged = merged(plan, rows, random);
    Map<List<Object>, Map<String, Object>> recount = new HashMap<>();
    Merged.merge(plan, COMPILER.aggregate(plan, PageViewRows.frame(rows)).collectAsList(), recount);
    assertThat(merged.keySet()).isEqualTo(recount.keySet());
    recount.forEach(
        (group, parts) ->
            parts.forEach(
                (part, value) -> check(part + " of " + group, merged.get(group).get(part), value)));
    checkVariance(plan, rows, merged);
  }

  private static Map<List<Object>, Map<String, Object>> merged(
      ViewPlan plan, List<Row> rows, Random random) {
    int cut = random.nextInt(rows.size() + 1);
    Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
    Dataset<Row> batch = PageViewRows.frame(rows.subList(0, cut));
    Merged.merge(plan, COMPILER.aggregate(plan, batch).collectAsList(), merged);
    List<List<Row>> micro = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(MOST_MICRO_BATCHES); i++) {
      micro.add(new ArrayList<>());
    }
    rows.subList(cut, rows.size()).forEach(r -> micro.get(random.nextInt(micro.size())).add(r));
    for (List<Row> events : micro) {
      Dataset<Row> arrived =
          PageViewRows.frame(events)
              .withColumn(
                  StoredColumn.ARRIVED, functions.expr("CAST(hash(page_url) % 3 AS BIGINT)"));
      Merged.merge(
          plan, Passes.aggregateByArrival(COMPILER, plan, arrived).collectAsList(), merged);
    }
    return merged;
  }

  private static void check(String what, Object merged, Object recount) {
    if (recount instanceof Double expected) {
      assertThat((Double) merged)
          .as(what)
          .isCloseTo(expected, within(Math.abs(expected) * ROUNDING));
    } else {
      assertThat(merged).as(what).isEqualTo(recount);
    }
  }

  /** The variance by its parts is Spark's own, which never sees the parts. */
  private static void checkVariance(
      ViewPlan plan, List<Row> rows, Map<List<Object>, Map<String, Object>> merged) {
    PageViewRows.frame(rows).createOrReplaceTempView("page_view");
    for (Row row : TestSpark.SESSION.sql(plan.sql()).collectAsList()) {
      Object method = Objects.requireNonNullElse(row.getAs("method"), StoredText.NULL);
      Map<String, Object> parts = merged.get(List.of(method));
      double count = (Long) parts.get("spread__1");
      double sum = (Double) parts.get("spread__2");
      Double expected = row.getAs("spread");
      if (expected == null) {
        assertThat(count).isLessThan(2);
      } else {
        assertThat(((Double) parts.get("spread__3") - sum * (sum / count)) / (count - 1))
            .isCloseTo(expected, within(expected * ROUNDING));
      }
    }
  }
}
