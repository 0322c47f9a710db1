package dev.recount.serving.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.PinotQuery;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.gateway.Plans;
import dev.recount.serving.merge.Aggregate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewRequestTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");

  private static BoundQuery bind(String url, ViewPlan plan) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String pair : url.isEmpty() ? new String[0] : url.substring(1).split("&")) {
      String[] parts = pair.split("=", 2);
      parameters.computeIfAbsent(parts[0], name -> new ArrayList<>()).add(parts[1]);
    }
    return Binder.bind(new ViewRequest(parameters).sql(plan, NOW, ZoneOffset.UTC), plan);
  }

  private static String pinot(String url) {
    BoundQuery query = bind(url, Plans.timed("traffic"));
    PinotQuery pinot = new PinotQuery(query, "t", "");
    return pinot.groups(false, !query.order().isEmpty() && pinot.isSortedByPinot(), 10);
  }

  private static List<String> columns(String url) {
    return bind(url, Plans.timed("traffic")).outputs().stream()
        .map(BoundQuery.Output::name)
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
?select=requests                       | SELECT SUM("requests") FROM t LIMIT 10
?select=requests&by=method             | SELECT "method", SUM("requests") FROM t GROUP BY "method" LIMIT 10
?select=method,requests                | SELECT "method", SUM("requests") FROM t GROUP BY "method" LIMIT 10
?select=requests&by=method&by=status   | SELECT "method", "status", SUM("requests") FROM t GROUP BY "method", "status" LIMIT 10
?select=requests&from=-10m             | SELECT SUM("requests") FROM t WHERE "hour" >= 1767225600000 LIMIT 10
?select=requests&to=2026-01-01T00:00Z  | SELECT SUM("requests") FROM t WHERE "hour" < 1767225600000 LIMIT 10
?select=requests&from=-10m&to=now      | SELECT SUM("requests") FROM t WHERE ("hour" >= 1767225600000 AND "hour" < 1767226200000) LIMIT 10
?select=requests&grain=day             | SELECT DATETRUNC('DAY', "hour"), SUM("requests") FROM t GROUP BY DATETRUNC('DAY', "hour") LIMIT 10
?select=requests&by=method&order=-requests | SELECT "method", SUM("requests") FROM t GROUP BY "method" ORDER BY SUM("requests") DESC LIMIT 10
?select=requests&by=method&order=requests desc | SELECT "method", SUM("requests") FROM t GROUP BY "method" ORDER BY SUM("requests") DESC LIMIT 10
?select=requests&grain=day&order=-hour | SELECT DATETRUNC('DAY', "hour"), SUM("requests") FROM t GROUP BY DATETRUNC('DAY', "hour") ORDER BY DATETRUNC('DAY', "hour") DESC LIMIT 10
?select=requests&where=hour > 5        | SELECT SUM("requests") FROM t WHERE "hour" > 5 LIMIT 10
""")
  void request_isTheQueryThatItStandsFor(String url, String expected) {
    assertThat(pinot(url)).isEqualTo(expected);
  }

  @Test
  void columns_haveTheNamesOfTheRequest() {
    assertThat(columns(""))
        .containsExactly("requests", "bytes", "min_bytes", "max_bytes", "avg_bytes");
    assertThat(columns("?select=bytes/requests&by=method&grain=week"))
        .containsExactly("hour", "method", "bytes/requests");
    assertThat(columns("?select=bytes/requests AS size,*&by=date_trunc('day',hour)"))
        .startsWith("date_trunc('day',hour)", "size", "requests");
    assertThat(bind("?by=method&having=requests>3", Plans.timed("traffic")).having()).isNotNull();
    assertThat(bind("?select=latency&by=method", Plans.others("others")).aggregates())
        .extracting(Aggregate::key)
        .containsExactly("MEASURE(latency, 50)");
  }

  @Test
  void nameThatTheRequestGives_isWhatItNames() {
    BoundQuery query =
        bind(
            "?select=MEASURE(latency,95) AS latency&by=method&order=-latency&having=latency>3",
            Plans.others("others"));
    assertThat(query.aggregates())
        .extracting(Aggregate::key)
        .containsExactly("MEASURE(latency, 95)");
    assertThat(pinot("?select=requests AS min_bytes&by=method&order=-min_bytes"))
        .endsWith(" ORDER BY SUM(\"requests\") DESC LIMIT 10");
    assertThat(columns("?select=hour,requests&grain=day")).containsExactly("hour", "requests");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
?wher=status=200               | REQUEST_INVALID | by, from, grain, having, limit
?limit=ten                     | REQUEST_INVALID | whole number
?limit=1&limit=2               | REQUEST_INVALID | give it once
?from=yesterday                | REQUEST_INVALID | or -10m
?grain=fortnight               | QUERY_UNSUPPORTED | the unit must be one of
?where=status=200 LIMIT 1      | REQUEST_INVALID | more than this one clause
?where=status=200 GROUP BY 1   | REQUEST_INVALID | more than this one clause
?where=status=200; DROP TABLE x | QUERY_SYNTAX   | 'where'
?where=1=1 UNION SELECT 1 FROM x | QUERY_UNSUPPORTED | UNION
?where=status=200)--           | QUERY_SYNTAX    | 'where'
?where=status=200 OPTION(x=1)  | REQUEST_INVALID | more than this one clause
?select=requests FROM x --     | QUERY_SYNTAX    | 'select'
?select=requests FROM x,       | QUERY_SYNTAX    | 'select'
?select=DISTINCT method        | REQUEST_INVALID | more than this one clause
?by=method&select=lower(method) AS method | REQUEST_INVALID | 'method' and 'LOWER(method)'
?by=method HAVING 1=1          | REQUEST_INVALID | more than this one clause
?order=method LIMIT 1          | REQUEST_INVALID | more than this one clause
?by=nothing                    | QUERY_COLUMN_UNKNOWN | nothing
?where=requests>1              | QUERY_UNSUPPORTED | HAVING
""")
  void whatIsNotThatClause_isRefused(String url, ErrorCode code, String says) {
    assertThatThrownBy(() -> pinot(url))
        .isInstanceOfSatisfying(RecountException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(says);
  }

  @Test
  void viewWithoutTime_hasNoFrom() {
    assertThatThrownBy(() -> bind("?from=-1h", Plans.others("others")))
        .hasMessageContaining("-- @time COLUMN");
  }
}
