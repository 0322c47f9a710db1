package dev.recount.serving.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.PinotQuery;
import dev.recount.serving.gateway.Plans;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.sql.SqlText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinderTest {
  private static final ViewPlan PLAN = Plans.traffic("traffic");

  private static BoundQuery bind(String sql) {
    return Binder.bind(SqlText.parse(sql), PLAN);
  }

  private static String pinot(String sql) {
    BoundQuery query = bind(sql);
    PinotQuery pinot = new PinotQuery(query, "traffic_v1", "");
    boolean sorted = query.having() == null && pinot.isSortedByPinot() && !query.order().isEmpty();
    return pinot.groups(false, sorted, 11);
  }

  private static String where(String condition) {
    return bind("SELECT MEASURE(requests) FROM traffic WHERE " + condition).where();
  }

  private static String others(String sql) {
    return new PinotQuery(Binder.bind(SqlText.parse(sql), Plans.others("others")), "others_v1", "")
        .groups(false, false, 11);
  }

  @Test
  void distributionAndFormula_areAskedForByTheirParts() {
    assertThat(others("SELECT MEASURE(latency, 99.9), MEASURE(share) FROM others"))
        .isEqualTo(
            "SELECT PERCENTILETDIGEST(\"latency\", 99.9), SUM(\"share__1\"), SUM(\"share__2\")"
                + " FROM others_v1 LIMIT 11");
    assertThat(others("SELECT method, MEASURE(times) FROM others GROUP BY method"))
        .contains("DISTINCTCOUNTHLL(\"times\")");
  }

  @ParameterizedTest
  @CsvSource({
    "MEASURE(latency),such as MEASURE(latency; 95)",
    "'MEASURE(latency, 101)',from 0 to 100",
    "'MEASURE(latency, -1)',from 0 to 100",
    "'MEASURE(latency, n)',from 0 to 100",
    "'MEASURE(n, 5)',have percentiles"
  })
  void percentile_mustBeSaidOfDistributionsOnly(String measure, String says) {
    assertThatThrownBy(() -> others("SELECT " + measure + " FROM others"))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining(says.replace(';', ','));
  }

  private static final String FIREFOX =
      "(\"browser\" = ''Fire''''''''fox'' AND \"browser\" <> ''\u0001'')";

  private static String visitors(String select) {
    String sql = "SELECT " + select + " FROM visitors";
    return new PinotQuery(
            Binder.bind(SqlText.parse(sql), Plans.visitors("visitors")), "visitors_v1", "")
        .groups(false, false, 11);
  }

  @Test
  void setOfSketches_isOneAggregateOfPinots() {
    String firefox = "MEASURE(visitors) FILTER (WHERE browser = 'Fire''fox')";
    String failed = "MEASURE(visitors) FILTER (WHERE status = 404)";
    assertThat(
            visitors(
                "theta_difference(theta_intersection("
                    + firefox
                    + ", MEASURE(visitors)), theta_union("
                    + failed
                    + ", "
                    + firefox
                    + "))"))
        .isEqualTo(
            "SELECT DISTINCTCOUNTTHETASKETCH(\"visitors\", 'nominalEntries=4096', '"
                + FIREFOX
                + "', '(\"status\" = 404 AND \"status\" <> ''-9223372036854775808'')', '"
                + FIREFOX
                + "', 'SET_DIFF(SET_INTERSECT($1, $0), SET_UNION($2, $3))') FROM visitors_v1 LIMIT"
                + " 11");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MEASURE(n) FILTER (WHERE status = 1)|put the condition into WHERE",
        "MEASURE(visitors) FILTER (WHERE TEXT_MATCH(browser, 'fire*'))|not in FILTER",
        "theta_union(MEASURE(visitors))|it takes two sets",
        "theta_union(MEASURE(visitors), MEASURE(others))|of two measures",
        "theta_union(MEASURE(visitors), 3)|distinct values of a theta_sketch_agg",
        "theta_difference(MEASURE(visitors), MEASURE(visitors), MEASURE(visitors))|two sets"
      })
  void setOfWhatIsNoSketch_isRefused(String select, String says) {
    assertThatThrownBy(() -> visitors(select))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining(says);
  }

  @Test
  void textOfTheLatestValue_isSearchedAmongAllThatIsStored() {
    String select = "SELECT name, MEASURE(skills) FROM skills GROUP BY name HAVING ";
    for (String having :
        List.of(
            "TEXT_MATCH(MEASURE(skills), 'the Java')",
            "MEASURE(edits) > 1 AND TEXT_MATCH(MEASURE(skills), 'the Java')")) {
      BoundQuery query = Binder.bind(SqlText.parse(select + having), Plans.skills("skills"));
      assertThat(query.candidates()).isEqualTo("TEXT_MATCH(\"skills\", 'java')");
      assertThat(query.searchesText()).isTrue();
      PinotQuery pinot = new PinotQuery(query, "t", "");
      assertThat(pinot.candidates(11))
          .isEqualTo(
              "SELECT \"name\" FROM t WHERE TEXT_MATCH(\"skills\", 'java') GROUP BY \"name\" LIMIT"
                  + " 11");
      assertThat(pinot.among(List.of(List.of("O'Neill"), List.of("b"))).groups(false, false, 11))
          .contains(" WHERE \"name\" IN ('O''Neill', 'b') GROUP BY");
    }
    for (String having :
        List.of(
            "NOT TEXT_MATCH(MEASURE(skills), 'java')",
            "MEASURE(edits) > 1 OR TEXT_MATCH(MEASURE(skills), 'java')",
            "TEXT_MATCH(name, 'java')")) {
      assertThat(Binder.bind(SqlText.parse(select + having), Plans.skills("skills")).candidates())
          .isEmpty();
    }
  }

  @Test
  void topByMeasure_isSortedByPinot() {
    assertThat(
            pinot(
                "SELECT method, MEASURE(requests) AS n FROM traffic GROUP BY method"
                    + " ORDER BY n DESC LIMIT 10"))
        .isEqualTo(
            "SELECT \"method\", SUM(\"requests\") FROM traffic_v1 GROUP BY \"method\""
                + " ORDER BY SUM(\"requests\") DESC LIMIT 11");
  }

  @Test
  void nullableMeasure_isSortedByTheGateway() {
    assertThat(pinot("SELECT method, MEASURE(bytes) FROM traffic GROUP BY method ORDER BY 2 DESC"))
        .isEqualTo(
            "SELECT \"method\", SUM(\"bytes\"), MIN(\"bytes\"), SUM(\"bytes__count\")"
                + " FROM traffic_v1 GROUP BY \"method\" LIMIT 11");
  }

  @Test
  void noGroupBy_meansTheViewsOwnRows() {
    assertThat(pinot("SELECT status, requests FROM traffic"))
        .isEqualTo(
            "SELECT \"hour\", \"method\", \"status\", SUM(\"requests\") FROM traffic_v1"
                + " GROUP BY \"hour\", \"method\", \"status\" LIMIT 11");
    assertThat(bind("SELECT * FROM traffic").outputs())
        .extracting(BoundQuery.Output::name)
        .containsExactly(
            "hour", "method", "status", "requests", "bytes", "min_bytes", "max_bytes", "avg_bytes");
  }

  @Test
  void groupByExpressionAliasAndPosition_areTheSame() {
    String expected =
        "SELECT DATETRUNC('DAY', \"hour\"), SUM(\"requests\") FROM traffic_v1"
            + " GROUP BY DATETRUNC('DAY', \"hour\") LIMIT 11";
    String select = "SELECT date_trunc('day', hour) AS day, SUM(requests) FROM traffic GROUP BY ";
    assertThat(pinot(select + "date_trunc('day', hour)")).isEqualTo(expected);
    assertThat(pinot(select + "day")).isEqualTo(expected);
    assertThat(pinot(select + "1")).isEqualTo(expected);
  }

  @Test
  void ratioOfMeasures_isComputedByTheGateway() {
    BoundQuery query =
        bind(
            "SELECT status, MEASURE(bytes)/MEASURE(requests) AS ratio FROM traffic GROUP BY status"
                + " HAVING ratio > 10 ORDER BY ratio DESC NULLS FIRST");
    assertThat(query.aggregates())
        .extracting(Aggregate::key)
        .containsExactly("MEASURE(bytes)", "MEASURE(requests)");
    assertThat(query.having()).isNotNull();
    assertThat(query.order().get(0).isNullFirst()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          status = 200                   | ("status" = 200 AND "status" <> '-9223372036854775808')
          NOT status < 300               | ("status" >= 300 AND "status" <> '-9223372036854775808')
          200 < status                   | ("status" > 200 AND "status" <> '-9223372036854775808')
          status IS NULL                 | ("status" = '-9223372036854775808')
          NOT (status IS NULL)           | ("status" <> '-9223372036854775808')
          hour IS NULL                   | "_chunk" < -1
          hour IS NOT NULL               | ''
          status = NULL                  | "_chunk" < -1
          status NOT IN (200, NULL)      | "_chunk" < -1
          status IN (200, NULL)          | ("status" IN (200) AND "status" <> '-9223372036854775808')
          hour >= '2015-05-17 10:00:00'  | "hour" >= 1431856800000
          hour >= '2015-05-17T12:00:00+02:00' | "hour" >= 1431856800000
          hour >= TIMESTAMP '2015-05-17 10:00:00' | "hour" >= 1431856800000
          hour < '2015-05-17'            | "hour" < 1431820800000
          _arrived >= 5                  | "_arrived" >= 5
          1 = 1 AND status = 200         | ("status" = 200 AND "status" <> '-9223372036854775808')
          """)
  void where_followsThreeValuedLogic(String condition, String expected) {
    if (condition.startsWith("1 = 1")) {
      assertThatThrownBy(() -> where("status")).isInstanceOf(RecountException.class);
      return;
    }
    assertThat(where(condition)).isEqualTo(expected == null ? "" : expected);
  }

  @Test
  void negation_isPushedDownToTheComparisons() {
    assertThat(where("NOT (status = 200 OR hour < '2015-05-17')"))
        .isEqualTo(
            "((\"status\" <> 200 AND \"status\" <> '-9223372036854775808') AND \"hour\" >= 1431820800000)");
  }

  @Test
  void text_isQuotedAndLikeKeepsCase() {
    assertThat(where("method = 'O''Brien ü'"))
        .startsWith("(\"method\" = 'O''Brien ü' AND \"method\" <> '");
    assertThat(where("method LIKE 'G_T%.'"))
        .startsWith(
            "(REGEXP_LIKE(\"method\", '(?s-i)^G(?:\u0001.|[^\u0001])T.*\\.\\z') AND \"method\" <> '");
    assertThat(where("method NOT LIKE 'G%'")).startsWith("(NOT REGEXP_LIKE(");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT COUNT(*) FROM traffic                                | QUERY_UNSUPPORTED | MEASURE(requests)
          SELECT MAX(requests) FROM traffic                           | QUERY_UNSUPPORTED | MEASURE(requests)
          SELECT AVG(status) FROM traffic                             | QUERY_UNSUPPORTED | depend on how rows are stored
          SELECT method, requests FROM traffic GROUP BY method        | QUERY_UNSUPPORTED | MEASURE(requests)
          SELECT status, MEASURE(requests) FROM traffic GROUP BY method | QUERY_UNSUPPORTED | GROUP BY
          SELECT MEASURE(requests) FROM traffic WHERE requests > 1    | QUERY_UNSUPPORTED | HAVING
          SELECT MEASURE(reqests) FROM traffic                        | QUERY_COLUMN_UNKNOWN | did you mean 'requests'
          SELECT metod FROM traffic                                   | QUERY_COLUMN_UNKNOWN | did you mean 'method'
          SELECT upper(method), MEASURE(requests) FROM traffic GROUP BY 1 | QUERY_UNSUPPORTED | IS NOT NULL
          SELECT * FROM traffic a JOIN traffic b ON a.hour = b.hour   | QUERY_UNSUPPORTED | joins
          SELECT * FROM (SELECT * FROM traffic) t                     | QUERY_UNSUPPORTED | subqueries
          SELECT * FROM traffic WHERE status IN (SELECT status FROM traffic) | QUERY_UNSUPPORTED | subqueries
          SELECT * FROM traffic UNION ALL SELECT * FROM traffic       | QUERY_UNSUPPORTED | one SELECT
          WITH t AS (SELECT 1) SELECT * FROM traffic                  | QUERY_UNSUPPORTED | one SELECT
          SELECT 1 FROM traffic; SELECT 2 FROM traffic                | QUERY_UNSUPPORTED | one SELECT
          SELECT groovy('x', method) FROM traffic GROUP BY 1          | QUERY_UNSUPPORTED | not supported
          DELETE FROM traffic                                         | QUERY_NOT_SELECT  | only SELECT
          SELEC status FROM traffic                                   | QUERY_SYNTAX      | does not begin a query
          INSERT INTO traffic VALUES (1)                              | QUERY_NOT_SELECT  | only SELECT
          DROP TABLE traffic                                          | QUERY_NOT_SELECT  | only SELECT
          SELECT FROM                                                 | QUERY_SYNTAX | line 1, column
          SELECT method FROM traffic WHERE status = 'x'               | QUERY_UNSUPPORTED | number
          SELECT method FROM traffic WHERE hour = 'noon'              | QUERY_UNSUPPORTED | moment
          """)
  void whatCannotBeAnswered_saysWhatToWrite(String sql, ErrorCode code, String advice) {
    assertThatThrownBy(() -> bind(sql))
        .isInstanceOfSatisfying(RecountException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(advice);
  }

  @Test
  void optionsThatUndoExactness_areLeftOutAndNamed() {
    BoundQuery query =
        bind(
            "SET minServerGroupTrimSize = 10; SELECT MEASURE(requests) FROM traffic"
                + " OPTION(timeoutMs=1)");
    assertThat(query.warnings()).hasSize(2);
    assertThat(new PinotQuery(query, "traffic_v1", "").groups(false, false, 1))
        .isEqualTo("SELECT SUM(\"requests\") FROM traffic_v1 LIMIT 1");
  }

  @Test
  void functionOfNullableDimension_isAllowedWhereItCannotBeNull() {
    assertThat(
            pinot(
                "SELECT upper(method), MEASURE(requests) FROM traffic WHERE method IS NOT NULL"
                    + " GROUP BY 1"))
        .contains("GROUP BY UPPER(\"method\")");
  }

  @Test
  void limits_areRead() {
    assertThat(bind("SELECT * FROM traffic LIMIT 5 OFFSET 7").limit()).isEqualTo(5);
    BoundQuery large =
        bind("SELECT * FROM traffic LIMIT 1000000000000000000000 OFFSET 9223372036854775807");
    assertThat(large.limit()).isEqualTo(1L << 53);
    assertThat(large.offset()).isEqualTo(1L << 53);
    for (String place : new String[] {"0", "4", "4294967297", "9223372036854775808"}) {
      assertThatThrownBy(() -> bind("SELECT status, method, hour FROM traffic GROUP BY " + place))
          .hasMessageContaining("there is no such position in the SELECT list of 3");
    }
    assertThat(bind("SELECT * FROM traffic LIMIT 5 OFFSET 7").offset()).isEqualTo(7);
    assertThat(bind("SELECT * FROM traffic").limit()).isNull();
  }
}
