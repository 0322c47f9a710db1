package dev.recount.serving.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.gateway.Plans;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PinotSqlTest {
  private static final Instant NOW = Instant.parse("2015-05-18T00:00:00Z");

  private static BoundQuery bind(String sql, ViewPlan plan) {
    return Binder.bind(PinotSql.parse(sql).of(plan, NOW, List.of()), plan);
  }

  private static String aggregate(String sql, ViewPlan plan) {
    return bind("SELECT " + sql + " FROM v", plan).aggregates().get(0).key();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PERCENTILETDIGEST(latency, 95) | MEASURE(latency, 95)",
        "PERCENTILETDIGEST99(latency)   | MEASURE(latency, 99)",
        "PERCENTILE(latency, 99.9)      | MEASURE(latency, 99.9)",
        "percentileest50(latency)       | MEASURE(latency, 50)",
        "DISTINCTCOUNTHLL(times)        | MEASURE(times)",
        "COUNT(DISTINCT times)          | MEASURE(times)",
        "APPROX_COUNT_DISTINCT(times)   | MEASURE(times)",
        "SUM(n)                         | MEASURE(n)",
        "MAX(large)                     | MEASURE(large)",
        "BOOL_AND(good)                 | MEASURE(good)",
        "MEASURE(n)                     | MEASURE(n)",
      })
  void aggregateOverAMeasure_isItsMerge(String sql, String merged) {
    assertThat(aggregate(sql, Plans.others("v"))).isEqualTo(merged);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SUM(times)            | DISTINCTCOUNTHLL(times) or MEASURE(times), which is sketch",
        "AVG(n)                | SUM(n) or MEASURE(n), which is exact",
        "SUM(latency)          | PERCENTILETDIGEST(latency, 95) or MEASURE(latency, 95)",
        "SUM(share)            | write MEASURE(share), which is exact by parts",
        "MIN(large)            | MAX(large)",
        "PERCENTILE(latency)   | says no percentile",
        "PERCENTILE(latency, x)| says no percentile",
        "PERCENTILETDIGEST(latency, -1) | from 0 to 100",
        "PERCENTILETDIGEST101(latency)  | from 0 to 100",
        "COUNT(method)         | with WHERE method IS NOT NULL",
        "SUM(method)           | over a dimension it would depend on how rows are stored",
        "COUNT(*)              | run recount apply",
        "nonsense(n)           | it is neither in GROUP BY nor computed",
      })
  void aggregateThatMergesNothing_isRefused_withWhatToWrite(String sql, String says) {
    assertThatThrownBy(() -> aggregate(sql, Plans.others("v")))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining(says);
  }

  private static ViewPlan counting(Map<String, String> header, String... counts) {
    ViewPlan plan = Plans.others("v");
    return new ViewPlan(
        plan.view(),
        1,
        plan.event(),
        plan.sql(),
        header,
        plan.indexes(),
        plan.dimensions(),
        plan.measures(),
        null,
        List.of(counts));
  }

  @Test
  void countOfRows_isTheOnlyPlainCount_elseTheNamedOne_elseAnError() {
    assertThat(aggregate("COUNT(*)", counting(Map.of(), "n"))).isEqualTo("MEASURE(n)");
    assertThat(aggregate("COUNT(1)", counting(Map.of(), "n"))).isEqualTo("MEASURE(n)");
    assertThat(aggregate("count(\"*\")", counting(Map.of(), "n"))).isEqualTo("MEASURE(n)");
    assertThat(aggregate("COUNT(*)", counting(Map.of("count", "n")))).isEqualTo("MEASURE(n)");
    assertThatThrownBy(() -> aggregate("COUNT(*)", counting(Map.of())))
        .hasMessageContaining("the view has no count(*)")
        .hasMessageContaining("-- @count MEASURE")
        .hasMessageContaining("SUM(n)");
    assertThatThrownBy(() -> aggregate("COUNT(*)", counting(Map.of(), "n", "m")))
        .hasMessageContaining("more than one count(*)");
  }

  @Test
  void columnsWithoutANameOfTheirOwn_areNamedAsPinotNamesThem() {
    BoundQuery query =
        bind(
            "SELECT COUNT(*), Sum(n) , DISTINCTCOUNTHLL( times ), PERCENTILETDIGEST(latency, 95),"
                + " MEASURE(n), SUM(n) + 1, COUNT(DISTINCT method), SUM(n) AS \"N\" FROM v",
            counting(Map.of(), "n"));
    assertThat(query.outputs())
        .extracting(BoundQuery.Output::name)
        .containsExactly(
            "count(*)",
            "sum(n)",
            "distinctcounthll(times)",
            "percentiletdigest(latency,95)",
            "n",
            "SUM(n) + 1",
            "distinctcount(method)",
            "N");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SELECT 1;",
        "select 1 LIMIT 1000000",
        "SELECT 1 AS x",
        "SELECT 'a' AS a, 2.5, NULL, true",
        "SELECT now()",
        "SELECT * FROM (SELECT 1) t",
      })
  void probe_isAnsweredWithoutAView(String sql) {
    PinotSql probe = PinotSql.parse(sql);
    assertThat(probe.isOfValues()).isTrue();
    assertThat(probe.values(NOW).rows()).hasSize(1);
  }

  @Test
  void options_areReadFromWhereverTheyAre() {
    PinotSql sql =
        PinotSql.parse(
            "SET timeoutMs = 10; SET \"a\" = 'x y'; SELECT 1; SET b=true OPTION(c=1,d='2')");
    assertThat(sql.options())
        .isEqualTo(Map.of("timeoutMs", "10", "a", "x y", "b", "true", "c", "1", "d", "2"));
    assertThat(PinotSql.parse("SET a = 1;").isOnlyOptions()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DELETE FROM v                              | Cannot run 'DELETE'",
        "SELECT 1; SELECT 2                         | send one SELECT at a time",
        "SELECT * FROM a JOIN b ON a.x = b.x        | joins are not supported",
        "SELECT * FROM (SELECT * FROM a JOIN b ON a.x = b.x) t | joins are not supported",
        "SELECT 1 FROM a UNION SELECT 2 FROM b      | UNION is not supported",
        "SELECT x FROM (SELECT method FROM v) t     | Cannot find the column 'x'",
        "SELECT method FROM v LIMIT 'a'             | LIMIT",
        "SELECT x                                   | it is of no view",
      })
  void whatHasNoAnswer_isRefused(String sql, String says) {
    assertThatThrownBy(
            () -> {
              PinotSql read = PinotSql.parse(sql);
              if (read.isOfValues()) {
                read.values(NOW);
              }
            })
        .isInstanceOf(RecountException.class)
        .hasMessageContaining(says);
  }

  private static final Values GROUPS =
      new Values(
          List.of(
              new Answer.Column("method", ColumnType.STRING),
              new Answer.Column("n", ColumnType.LONG)),
          List.of(
              List.of("GET", 5L),
              List.of("PUT", 2L),
              Arrays.asList(null, 3L),
              List.of("POST", 2L)));

  /** As SQLAlchemy writes what a table is asked for. */
  @Test
  void namesOfColumns_mayBeginWithTheView() {
    ViewPlan plan = Plans.others("v");
    BoundQuery plain =
        bind("SELECT method, n FROM v WHERE method = 'GET' ORDER BY n LIMIT 5", plan);
    BoundQuery qualified =
        bind(
            "SELECT v.\"method\", v.n FROM v WHERE v.\"method\" = 'GET' ORDER BY v.n LIMIT 5",
            plan);
    assertThat(qualified.where()).isEqualTo(plain.where());
    assertThat(qualified.keys()).hasSameSizeAs(plain.keys()).isNotEmpty();
    assertThat(qualified.outputs())
        .extracting(BoundQuery.Output::name)
        .containsExactly("method", "n");
    assertThat(qualified.order()).hasSize(1);
  }

  private static Values rolledUp(String outer) {
    PinotSql sql =
        PinotSql.parse(
            outer + " FROM (SELECT method, SUM(n) AS n FROM v GROUP BY method LIMIT 4) t");
    assertThat(sql.rollups()).hasSize(1);
    return sql.rollups().get(0).of(GROUPS);
  }

  @Test
  void rowsOfASubquery_areCountedAndGroupedHere() {
    Values counted =
        rolledUp("SELECT COUNT(*) AS c, COUNT(method), COUNT(DISTINCT n), SUM(n), AVG(n), MAX(n)");
    assertThat(counted.rows()).containsExactly(List.of(4L, 3L, 3L, 12L, 3.0, 5L));
    assertThat(counted.columns())
        .extracting(Answer.Column::name)
        .containsExactly("c", "count(method)", "distinctcount(n)", "sum(n)", "avg(n)", "max(n)");
  }

  private static List<List<Object>> rolledUp(String select, String rest) {
    PinotSql sql =
        PinotSql.parse(
            select + " FROM (SELECT method, SUM(n) AS n FROM v GROUP BY method LIMIT 4) t " + rest);
    return sql.rollups().get(0).of(GROUPS).rows();
  }

  @Test
  void rowsOfASubquery_areFilteredGroupedSortedAndCut() {
    assertThat(rolledUp("SELECT n, COUNT(*) AS c", "GROUP BY n ORDER BY c DESC, n DESC"))
        .containsExactly(List.of(2L, 2L), List.of(5L, 1L), List.of(3L, 1L));
    assertThat(rolledUp("SELECT n * 10 AS tens", "GROUP BY tens HAVING COUNT(*) > 1"))
        .containsExactly(List.of(20L));
    assertThat(rolledUp("SELECT *", "WHERE n > 2 ORDER BY n LIMIT 1 OFFSET 1"))
        .containsExactly(List.of("GET", 5L));
    assertThat(rolledUp("SELECT DISTINCT n", "ORDER BY 1 DESC LIMIT 2"))
        .containsExactly(List.of(5L), List.of(3L));
    assertThat(rolledUp("SELECT SUM(n), COUNT(*), MIN(method)", "WHERE n > 100"))
        .containsExactly(Arrays.asList(null, 0L, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT x | | Cannot find the column 'x'",
        "SELECT method, SUM(n) | | add it to GROUP BY",
        "SELECT SUM(method) | | it needs a number",
        "SELECT PERCENTILE(n, 5) | | there are COUNT, SUM, MIN, MAX and AVG",
        "SELECT COUNT(*) | GROUP BY 3 | no such position",
        "SELECT COUNT(*) | GROUP BY 4294967297 | no such position",
        "SELECT COUNT(*) | GROUP BY 9223372036854775808 | no such position",
      })
  void whatRowsOfASubqueryDoNotGive_isRefused(String select, String rest, String says) {
    assertThatThrownBy(() -> rolledUp(select, rest == null ? "" : rest))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining(says);
  }

  /** One SELECT is made of both where that is possible, which costs nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM (SELECT method, SUM(n) AS n FROM v GROUP BY method) t WHERE n > 1 LIMIT 5",
        "SELECT n FROM (SELECT method, SUM(n) AS n FROM v GROUP BY 1 LIMIT 5) t LIMIT 3",
        "SELECT method FROM (SELECT DISTINCT method FROM v) t ORDER BY method",
        "SELECT SUM(n) FROM (SELECT n FROM (SELECT * FROM v WHERE method = 'x') a) b",
      })
  void wrapping_isTakenOff(String sql) {
    assertThat(PinotSql.parse(sql).isRolledUp()).isFalse();
  }

  @Test
  void limitsOfBoth_areOne() {
    ViewPlan plan = counting(Map.of(), "n");
    BoundQuery query =
        bind(
            "SELECT m FROM (SELECT method AS m, n FROM v ORDER BY n LIMIT 10 OFFSET 100) t LIMIT 50"
                + " OFFSET 4",
            plan);
    assertThat(query.limit()).isEqualTo(6);
    assertThat(query.offset()).isEqualTo(104);
    assertThat(query.order()).hasSize(1);
  }
}
