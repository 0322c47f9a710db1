package dev.recount.batch.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.batch.compute.BatchInMemory;
import dev.recount.core.cases.Assertion;
import dev.recount.core.cases.CaseFile;
import dev.recount.core.cases.CaseSource;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.RawRecord;
import dev.recount.planner.row.SparkSessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssertedRowsTest {
  private static final EventSchema SALE =
      EventSchema.parse(
          """
          {"type": "record", "name": "sale", "namespace": "t", "fields": [
            {"name": "sold", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
            {"name": "shop", "type": ["null", "string"], "default": null, "doc": "d"},
            {"name": "amount", "type": ["null", "long"], "default": null, "doc": "d"}]}""",
          "sale");
  private static final String VIEW =
      """
      SELECT date_trunc('DAY', sold) AS day, shop, CAST(sold AS DATE) AS date, amount > 5 AS large,
        CAST(amount AS DOUBLE) / 4 AS share, amount AS same,
        count(*) AS sales, sum(amount) AS total, avg(amount) AS mean, min(amount) AS least,
        max(CAST(amount AS DOUBLE)) AS most, max_by(shop, sold) AS last_shop, max(sold) AS newest,
        max(shop) AS largest_shop, bool_or(amount > 5) AS any_large, max(CAST(sold AS DATE)) AS last_day,
        count_if(amount > 5) / count(*) AS large_share, stddev(amount) AS spread,
        theta_sketch_agg(amount) AS amounts, hll_agg(amount) AS roughly, tdigest_agg(amount) AS sizes
      FROM sale GROUP BY ALL""";

  private static SparkSession spark;
  private static ViewPlan plan;
  private static AssertedRows rows;

  @BeforeAll
  static void start() {
    spark = SparkSessions.local("asserted rows", 1);
    spark.conf().set("spark.sql.shuffle.partitions", "1");
    ViewCompiler compiler = new ViewCompiler(spark);
    plan = compiler.plan(ViewFile.parse("sales", VIEW), SALE);
    List<RawRecord> records =
        Stream.of(sale(0, "a", 1L), sale(3_600_000, "a", 1L), sale(0, null, null), sale(0, "b", 9L))
            .toList();
    // The last event is in a part of its own, as after an incremental run.
    List<Map<String, Object>> stored = new ArrayList<>(rowsOf(compiler, records.subList(0, 2)));
    stored.addAll(rowsOf(compiler, records.subList(1, 4)));
    StructType type = compiler.program(plan, EventRows.type(SALE), false).type();
    List<Row> frame =
        stored.stream()
            .map(
                row ->
                    RowFactory.create(List.of(type.fieldNames()).stream().map(row::get).toArray()))
            .toList();
    rows = AssertedRows.of(spark, plan, 1, session -> session.createDataFrame(frame, type));
  }

  private static List<Map<String, Object>> rowsOf(ViewCompiler compiler, List<RawRecord> records) {
    return new BatchInMemory(spark, compiler, plan, SALE, null).rows(records).get(records.size());
  }

  private static RawRecord sale(long soldMs, String shop, Long amount) {
    return new RawRecord(
        "sale",
        new EventCodec(SALE, f -> Optional.empty())
            .encode(
                new GenericRecordBuilder(SALE.avro())
                    .set("sold", soldMs)
                    .set("shop", shop)
                    .set("amount", amount)
                    .build()));
  }

  @AfterAll
  static void stop() {
    rows.close();
    spark.stop();
  }

  private static List<String> broken(String assertions) {
    CaseFile file =
        CaseFile.parse(new CaseSource("sales", "sales.yaml"), "assertions:\n  - " + assertions);
    assertThat(file.problems()).isEmpty();
    return rows.broken(file.assertions()).stream().map(Broken::reason).toList();
  }

  /** Three events of a group in two parts: 1 at 0:00, and 1 at 1:00 in both. */
  @Test
  void rows_areThoseThatAreAnswered() {
    assertThat(
            broken(
                "no_rows: SELECT shop, date, large, share, same, sales, total, mean, least, most, last_shop,"
                    + " newest, largest_shop, any_large, last_day, large_share, spread, amounts,"
                    + " roughly, sizes FROM sales ORDER BY shop"))
        .containsExactly(
            "3 rows, such as {shop=NULL, date=1970-01-01, large=NULL, share=NULL, same=NULL, sales=1,"
                + " total=NULL, mean=NULL, least=NULL, most=NULL, last_shop=NULL,"
                + " newest=1970-01-01 00:00:00, largest_shop=NULL, any_large=NULL,"
                + " last_day=1970-01-01, large_share=0.0, spread=NULL, amounts=0, roughly=0,"
                + " sizes=NULL}, {shop=a, date=1970-01-01, large=false, share=0.25, same=1, sales=3,"
                + " total=3, mean=1.0, least=1, most=1.0, last_shop=a, newest=1970-01-01 01:00:00,"
                + " largest_shop=a, any_large=false, last_day=1970-01-01, large_share=0.0,"
                + " spread=0.0, amounts=1, roughly=1, sizes=1.0}, {shop=b, date=1970-01-01,"
                + " large=true, share=2.25, same=9, sales=1, total=9, mean=9.0, least=9, most=9.0,"
                + " last_shop=b, newest=1970-01-01 00:00:00, largest_shop=b, any_large=true,"
                + " last_day=1970-01-01, large_share=1.0, spread=NULL, amounts=1, roughly=1,"
                + " sizes=9.0}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          not_null: [day, sales]
          not_null: day
          unique: [day, shop]
          accepted_values: {shop: [a, b]}
          accepted_values: {sales: [1, 3]}
          accepted_values: {large: [true, false]}
          accepted_values: {share: [0.25, 2.25]}
          row_count: {min: 3, max: 3}
          no_rows: SELECT * FROM sales WHERE sales < 0
          no_rows: WITH s AS (SELECT shop FROM sales) SELECT * FROM s WHERE shop = 'c'
          """)
  void whatHolds_isNotBroken(String assertion) {
    assertThat(broken(assertion)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          not_null: [day, shop, total]      | 1 row: {day=1970-01-01 00:00:00, shop=NULL,
          unique: day                       | 1 row: {day=1970-01-01 00:00:00, rows=3}
          accepted_values: {shop: [a]}      | 1 row: {day=1970-01-01 00:00:00, shop=b,
          accepted_values: {sales: [1]}     | 1 row: {day=1970-01-01 00:00:00, shop=a,
          row_count: {min: 4}               | 3 rows, fewer than 4
          row_count: {max: 2}               | 3 rows, more than 2
          not_null: [month]                 | the view has no column 'month'; its columns are day, shop,
          no_rows: SELECT x FROM sales      | the query cannot be run:
          no_rows: SELECT 1 FROM sale       | the query cannot be run:
          no_rows: SELECT FROM FROM         | the query cannot be run:
          """)
  void whatDoesNotHold_isSaidWithItsRows(String assertion, String reason) {
    assertThat(broken(assertion)).singleElement().asString().startsWith(reason);
  }

  @Test
  void whatIsWrongInAnAssertion_isSeenWithoutRows() {
    Assertion wrong = new Assertion("n", new Assertion.NotNull(List.of("month")), true, 1);
    Assertion right = new Assertion("n", new Assertion.NotNull(List.of("shop")), true, 1);
    assertThat(rows.problem(wrong)).isPresent();
    assertThat(rows.problem(right)).isEmpty();
  }
}
