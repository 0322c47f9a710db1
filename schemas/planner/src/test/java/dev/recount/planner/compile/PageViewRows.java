package dev.recount.planner.compile;

import dev.recount.planner.row.EventRows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** Page views as Spark's rows. */
final class PageViewRows {
  static final StructType TYPE = EventRows.type(TestSpark.PAGE_VIEW);

  private PageViewRows() {}

  static Dataset<Row> frame(List<Row> rows) {
    return TestSpark.SESSION.createDataFrame(rows, TYPE);
  }

  static List<Row> random(int count, Random random) {
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
              random.nextInt(3) == 0 ? null : (long) random.nextInt(100_000),
              random.nextInt(4) == 0));
    }
    return rows;
  }

  static Row of(Instant time, String page, long bytes) {
    return RowFactory.create(
        time, null, "1.1.1.1", null, page, null, null, null, null, null, bytes, false);
  }
}
