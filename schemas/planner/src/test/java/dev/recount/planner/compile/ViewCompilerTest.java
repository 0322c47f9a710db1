package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewCompilerTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);

  @Test
  void traffic_isPlanned() {
    ViewPlan plan = COMPILER.plan(TestSpark.shipped("traffic"), TestSpark.PAGE_VIEW);
    assertThat(plan.event()).isEqualTo("page_view");
    assertThat(plan.table()).isEqualTo("traffic_v1");
    assertThat(plan.dimensions())
        .containsExactly(
            new Dimension("hour", ColumnType.TIMESTAMP, false),
            new Dimension("method", ColumnType.STRING, true),
            new Dimension("status", ColumnType.INT, true));
    assertThat(plan.measures())
        .extracting(Measure::kind)
        .containsExactly(
            MeasureKind.COUNT,
            MeasureKind.SUM,
            MeasureKind.MIN,
            MeasureKind.MAX,
            MeasureKind.AVERAGE);
    assertThat(ViewCompiler.columns(plan))
        .containsExactly(
            "hour",
            "method",
            "status",
            "requests",
            "bytes",
            "bytes__count",
            "bytes__carry",
            "min_bytes",
            "min_bytes__found",
            "max_bytes",
            "max_bytes__found",
            "avg_bytes__sum",
            "avg_bytes__count",
            "avg_bytes__carry");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT browser, count(DISTINCT ip_address) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | theta_sketch_agg(page_view.ip_address)
          SELECT browser, sum(DISTINCT bytes) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | DISTINCT
          SELECT browser, approx_count_distinct(ip_address) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | theta_sketch_agg
          SELECT browser, collect_list(ip_address) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | dimension
          SELECT browser, first(ip_address) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | min(page_view.ip_address)
          SELECT browser, max_by(ip_address, bytes / 2D) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | whole number
          SELECT browser, max_by(ip_address, page_url) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | whole number
          SELECT browser, min_by(array(ip_address), event_time) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | AS STRING
          SELECT browser, median(bytes) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | count_if
          SELECT browser, skewness(bytes) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | sum(POWER(
          SELECT browser, 100.0 * count(*) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | 100D
          SELECT browser, theta_sketch_agg(ip_address) IS NULL AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | a separate measure
          SELECT browser, tdigest_agg(page_url) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | takes numbers
          SELECT browser, hll_agg(array(browser)) AS n FROM page_view GROUP BY browser | VIEW_INVALID | cast them to STRING
          SELECT browser, sum(CAST(bytes AS DECIMAL(20,2))) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | DOUBLE
          SELECT browser, min(array(ip_address)) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | ARRAY
          SELECT browser, round(sum(bytes) / count(*)) AS n FROM page_view GROUP BY ALL | VIEW_NOT_MERGEABLE | separate measure
          SELECT browser, n * 2 AS m FROM (SELECT browser, count(*) AS n FROM page_view GROUP BY ALL) | VIEW_NOT_MERGEABLE | in the query
          SELECT browser, count(*) AS n FROM page_view GROUP BY ALL HAVING count(*) > 1 | VIEW_NOT_MERGEABLE | HAVING
          SELECT browser, count(*) AS n FROM page_view GROUP BY ALL ORDER BY n | VIEW_NOT_MERGEABLE | ORDER BY
          SELECT browser, count(*) AS n FROM page_view GROUP BY ALL LIMIT 3 | VIEW_NOT_MERGEABLE | LIMIT
          SELECT DISTINCT browser FROM (SELECT browser, count(*) AS n FROM page_view GROUP BY ALL) | VIEW_NOT_MERGEABLE | GROUP BY ALL
          SELECT a.browser, count(*) AS n FROM page_view a JOIN page_view b ON a.event_id = b.event_id GROUP BY ALL | VIEW_NOT_MERGEABLE | join
          SELECT browser, count(*) AS n FROM (SELECT * FROM page_view UNION ALL SELECT * FROM page_view) GROUP BY ALL | VIEW_NOT_MERGEABLE | UNION
          SELECT browser, count(*) AS n, row_number() OVER (ORDER BY browser) AS r FROM page_view GROUP BY browser | VIEW_NOT_MERGEABLE | window
          SELECT browser, count(*) AS n FROM page_view GROUP BY browser WITH ROLLUP | VIEW_NOT_MERGEABLE | ROLLUP
          SELECT max(n) AS m FROM (SELECT browser, count(*) AS n FROM page_view GROUP BY ALL) | VIEW_NOT_MERGEABLE | aggregation
          WITH x AS (SELECT * FROM page_view) SELECT browser, count(*) AS n FROM x GROUP BY ALL | VIEW_NOT_MERGEABLE | WITH
          SELECT browser, count(*) AS n FROM page_view WHERE rand() < 0.5 GROUP BY ALL | VIEW_NOT_MERGEABLE | another result
          SELECT browser, count(*) AS n FROM page_view WHERE event_time < current_timestamp() GROUP BY ALL | VIEW_NOT_MERGEABLE | another result
          SELECT browser, count(*) AS n FROM page_view WHERE bytes > (SELECT max(bytes) FROM page_view) GROUP BY ALL | VIEW_NOT_MERGEABLE | subquery
          SELECT browser, page_url FROM page_view | VIEW_INVALID | GROUP BY
          SELECT count(*) AS n FROM page_view GROUP BY browser | VIEW_INVALID | add it
          SELECT upper(browser) AS b, count(*) AS n FROM page_view GROUP BY browser | VIEW_INVALID | this very expression
          SELECT array(browser) AS b, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | ARRAY
          SELECT browser, count(*) FROM page_view GROUP BY ALL | VIEW_INVALID | AS
          SELECT browser, count(*) AS _n FROM page_view GROUP BY ALL | VIEW_INVALID | _n
          SELECT browser, count(*) AS a__b FROM page_view GROUP BY ALL | VIEW_INVALID | __
          SELECT browser, count(*) AS Browser FROM page_view GROUP BY browser | VIEW_INVALID | two columns
          SELECT brwser, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | browser, user_agent
          SELECT browser, count(*) AS n FROM nothing GROUP BY ALL | VIEW_INVALID | nothing
          SELECT browser, theta_sketch_agg(array(browser)) AS n FROM page_view GROUP BY browser | VIEW_INVALID | cast them to STRING
          SELECT browser count(*) AS n FROM page_view | VIEW_SYNTAX | line 1
          SELECT date_trunc('DAY', from_utc_timestamp(event_time, 'Europe/Berln')) AS d, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | nearest known is 'Europe/Berlin'
          SELECT browser, max(to_utc_timestamp(event_time, 'america/new_yorkk')) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | nearest known is 'America/New_York'
          SELECT browser, max(convert_timezone('UTC', concat('Asia/', 'Katmand'), CAST(event_time AS TIMESTAMP_NTZ))) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | nearest known is 'Asia/Katmandu'
          SELECT browser, count(*) AS n FROM page_view WHERE make_timestamp(2026, 1, 1, 0, 0, 0, 'Nowhere/Land') < event_time GROUP BY ALL | VIEW_INVALID | 'Nowhere/Land'
          SELECT date_trunc('HOURR', event_time) AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | NULL for every event
          SELECT trunc(CAST(event_time AS DATE), 'HOUR') AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | NULL for every event
          SELECT next_day(CAST(event_time AS DATE), 'Mondey') AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | Mondey
          SELECT date_format(event_time, 'yyyy-bb') AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | NULL for every event
          SELECT to_timestamp(page_url, 'yyyy-bb') AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | NULL for every event
          SELECT regexp_extract(page_url, '(a', 1) AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | regular expression
          SELECT browser, count(*) AS n FROM page_view WHERE page_url RLIKE '[a' GROUP BY ALL | VIEW_INVALID | regular expression
          SELECT browser, sum(bytes * (1 / 0)) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | can only fail
          SELECT CAST('x' AS INT) + status AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | can only fail
          SELECT element_at(array('a', 'b'), 5) AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | can only fail
          SELECT split_part('a.b', '.', 0) AS h, count(*) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | can only fail
          SELECT browser, max(size(sequence(1, 5, -1)) + bytes) AS n FROM page_view GROUP BY ALL | VIEW_INVALID | can only fail
          """)
  void views_areRefused(String sql, ErrorCode code, String says) {
    RecountException refused =
        catchThrowableOfType(
            RecountException.class,
            () -> COMPILER.plan(ViewFile.parse("v", sql), TestSpark.PAGE_VIEW));
    assertThat(refused).as(sql).isNotNull();
    assertThat(refused.code() + ": " + refused.getMessage())
        .as(sql)
        .startsWith(code.name())
        .contains(says)
        .contains("'v'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          @index brwser text        | does not name a column of the view; index a dimension (hour, browser, status)
          @index status text        | names a INT; a text index is for strings: write -- @index status range
          @index n text             | names a LONG; a text index is for strings
          @index browser range      | names a STRING; a range index is for numbers, dates and timestamps
          @index n range            | names a measure
          @index n inverted         | names a measure
          @star-tree hour, brwser   | names 'brwser', which is not a dimension of the view (hour, browser, status)
          @star-tree hour, hour     | names a dimension twice
          @time browser             | does not name a TIMESTAMP dimension (hour)
          @time n                   | does not name a TIMESTAMP dimension (hour)
          @count status             | does not name a count, or a sum of whole numbers (n)
          """)
  void headerThatDoesNotFit_isRefused(String line, String says) {
    String sql =
        "SELECT date_trunc('HOUR', event_time) AS hour, browser, status, count(*) AS n"
            + " FROM page_view GROUP BY ALL";
    ViewFile file = ViewFile.parse("v", "-- " + line + "\n" + sql);
    RecountException refused =
        catchThrowableOfType(
            RecountException.class, () -> COMPILER.plan(file, TestSpark.PAGE_VIEW));
    assertThat(refused.code()).isEqualTo(ErrorCode.VIEW_INVALID);
    assertThat(refused).hasMessageContaining("'" + line.split(" ")[0]).hasMessageContaining(says);
  }

  private static ViewPlan counting(String header, String measures) {
    return COMPILER.plan(
        ViewFile.parse(
            "v", header + "SELECT browser, " + measures + " FROM page_view GROUP BY browser"),
        TestSpark.PAGE_VIEW);
  }

  @Test
  void countOfRows_isTheOnlyPlainCount_elseTheOneThatTheHeaderNames() {
    String some = "count_if(is_bot) AS bots, count(*) FILTER (WHERE is_bot) AS more";
    assertThat(counting("", some + ", count(*) AS n").rowCount()).contains("n");
    assertThat(counting("", some + ", count(1) AS n, count(bytes) AS sized").rowCount())
        .contains("n");
    assertThat(counting("", some).rowCount()).isEmpty();
    assertThat(counting("", "count(*) AS a, count(*) AS b").rowCount()).isEmpty();
    assertThat(counting("-- @count b\n", "count(*) AS a, count(*) AS b").rowCount()).contains("b");
    assertThat(counting("-- @count bots\n", some).rowCount()).contains("bots");
    assertThatThrownBy(() -> counting("-- @count bots\n", some + ", count(*) AS n"))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("'@count bots' names another measure than 'n'");
  }

  @Test
  void writtenDifferently_isTheSame() {
    ViewFile one = ViewFile.parse("v", "SELECT browser, count(*) AS n FROM page_view GROUP BY ALL");
    ViewFile two =
        ViewFile.parse("v", "select browser, -- who\n count(*) as n\nfrom page_view group by ALL");
    ViewFile other = ViewFile.parse("v", one.sql().replace("page_view", "page_view WHERE 1 = 2"));
    ViewPlan plan = COMPILER.plan(one, TestSpark.PAGE_VIEW);
    assertThat(COMPILER.isSame(plan, COMPILER.plan(two, TestSpark.PAGE_VIEW))).isTrue();
    assertThat(COMPILER.isSame(plan, COMPILER.plan(other, TestSpark.PAGE_VIEW))).isFalse();
  }
}
