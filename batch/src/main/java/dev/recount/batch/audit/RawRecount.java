package dev.recount.batch.audit;

import dev.recount.batch.run.ArchiveSlice;
import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.ViewPlan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Counts a view from raw events: the view's own text, run as plain SQL. Only a sketch is replaced,
 * by the exact count of distinct values.
 */
final class RawRecount {
  private static final Pattern THETA =
      Pattern.compile("\\btheta_sketch_agg\\s*\\(", Pattern.CASE_INSENSITIVE);

  private final SparkSession spark;

  RawRecount(SparkSession spark) {
    this.spark = spark;
  }

  /** Group to the values of its measures, both in the order of the plan. */
  Map<List<Object>, List<Object>> groups(ViewPlan plan, ArchiveSlice slice) {
    slice.events(spark).createOrReplaceTempView(plan.event());
    Map<List<Object>, List<Object>> groups = new HashMap<>();
    for (Row row : spark.sql(exact(plan.sql())).collectAsList()) {
      List<Object> key = new ArrayList<>();
      plan.dimensions().forEach(d -> key.add(value(row, d.name(), d.type())));
      List<Object> measures = new ArrayList<>();
      plan.measures().forEach(m -> measures.add(value(row, m.name(), m.type())));
      groups.put(key, measures);
    }
    return groups;
  }

  static String exact(String sql) {
    return THETA.matcher(sql).replaceAll("count(DISTINCT ");
  }

  private static Object value(Row row, String column, ColumnType type) {
    return Values.ofSpark(type, row.get(row.fieldIndex(column)));
  }
}
