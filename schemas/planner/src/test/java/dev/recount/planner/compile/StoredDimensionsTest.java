package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.pass.StoredKeys;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The groups that are stored are the groups that Spark makes, whatever the values are. */
class StoredDimensionsTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);

  private static final List<String> TEXTS =
      List.of(
          "",
          "null",
          "\u0000",
          "\u0001",
          "\u0001\u0001",
          "\u0001\u0002",
          "\u0002",
          "\uFFFD",
          "\uE000null",
          "\u0000\u0001",
          "a\u0000b",
          "a\uFFFDb",
          "x",
          "0",
          "-0.0",
          "0.0",
          "NaN",
          "-NaN",
          "Infinity",
          "-Infinity",
          "-2147483648",
          "2147483647",
          "-9223372036854775808",
          "9223372036854775807",
          "1",
          "-1.5",
          "4.9E-324",
          "-1.7976931348623157E308",
          "true",
          "false",
          "1970-01-01",
          "0001-01-01",
          "-0044-03-15",
          "9999-12-31");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "page_url",
        "nullif(page_url, 'x')",
        "CAST(page_url AS TINYINT)",
        "CAST(page_url AS INT)",
        "CAST(page_url AS BIGINT)",
        "CAST(page_url AS FLOAT)",
        "CAST(page_url AS DOUBLE)",
        "CAST(page_url AS BOOLEAN)",
        "CAST(page_url AS DATE)",
        "date_add(CAST(page_url AS DATE), 2147483)",
        "date_add(CAST(page_url AS DATE), 1)",
        "timestamp_millis(CAST(page_url AS INT) * 4294967296)",
        "bytes",
        "coalesce(bytes, 0)",
      })
  void groups_areThoseOfSpark(String expression) {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "v", "SELECT " + expression + " AS d, count(*) AS n FROM page_view GROUP BY ALL"),
            TestSpark.PAGE_VIEW);
    List<Row> events = new ArrayList<>();
    for (String text : TEXTS) {
      for (Long bytes : new Long[] {null, 0L, Long.MIN_VALUE, Long.MAX_VALUE}) {
        events.add(
            RowFactory.create(
                Instant.EPOCH, null, "", null, text, null, null, null, null, null, bytes, false));
      }
    }
    SparkSession session = TestSpark.SESSION.newSession();
    ExactFunctions.register(session);
    session
        .createDataFrame(events, PageViewRows.frame(events).schema())
        .createOrReplaceTempView("page_view");
    Map<List<Object>, Long> expected = new HashMap<>();
    for (Row row : ExactFunctions.rows(session, plan.sql()).collectAsList()) {
      expected.put(StoredKeys.of(plan.dimensions().get(0), row.get(0)), row.getLong(1));
    }
    Map<List<Object>, Map<String, Object>> stored = new HashMap<>();
    Merged.merge(
        plan, COMPILER.aggregate(plan, PageViewRows.frame(events)).collectAsList(), stored);
    assertThat(expected.size()).isGreaterThan(1);
    assertThat(stored.keySet()).isEqualTo(expected.keySet());
    stored.forEach((key, parts) -> assertThat(parts.get("n")).isEqualTo(expected.get(key)));
  }
}
