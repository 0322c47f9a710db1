package dev.recount.batch.audit;

import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.ExactFunctions;
import dev.recount.planner.state.StateJoin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Counts a view from raw events: the view's own text, run as plain SQL. Only a sketch is replaced,
 * by the exact count of distinct values, or by percentiles around the median, and what Spark leaves
 * open is decided as in views; see {@link ExactFunctions}.
 */
final class RawRecount {
  private static final Pattern DISTINCT =
      Pattern.compile("\\b(theta_sketch_agg|hll_agg)\\s*\\(", Pattern.CASE_INSENSITIVE);

  private static final String[] PLACE = {
    StateJoin.ARRIVED_AT, StateJoin.PARTITION, StateJoin.OFFSET
  };

  private static final long FROM_THE_BEGINNING = 0;

  private final SparkSession spark;

  RawRecount(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * Group to the values of its measures, both in the order of the plan.
   *
   * @param slices of the events that the view reads, in that order
   * @throws RecountException MEASURE_OVERFLOW if a sum has no room in its type
   */
  Map<List<Object>, List<Object>> groups(ViewPlan plan, List<ArchiveSlice> slices) {
    return groups(plan, slices, FROM_THE_BEGINNING);
  }

  /** The same of the events alone that arrived at a moment or later. */
  Map<List<Object>, List<Object>> groups(ViewPlan plan, List<ArchiveSlice> slices, long fromMs) {
    return groups(plan, slices, new Part(fromMs, false));
  }

  /** The same, but copies that a view with {@code @distinct} leaves out are counted. */
  Map<List<Object>, List<Object>> groupsWithCopies(
      ViewPlan plan, List<ArchiveSlice> slices, long fromMs) {
    return groups(plan, slices, new Part(fromMs, true));
  }

  /** Which of the events in slices are counted. */
  private record Part(long fromMs, boolean withCopies) {
    /** Only files with such events are read. */
    Dataset<Row> of(ArchiveSlice slice, SparkSession session) {
      return new ArchiveSlice(
              slice.event(),
              fromMs,
              slice.beforeMs(),
              slice.files().stream().filter(file -> file.maxArrivalMs() >= fromMs).toList())
          .withPlace(session);
    }
  }

  private Map<List<Object>, List<Object>> groups(
      ViewPlan plan, List<ArchiveSlice> slices, Part part) {
    Map<List<Object>, List<Object>> groups = new HashMap<>();
    for (Row row : collected(plan, slices, part)) {
      List<Object> key = new ArrayList<>();
      plan.dimensions().forEach(d -> key.add(value(row, d.name(), d.type())));
      List<Object> measures = new ArrayList<>();
      plan.measures().forEach(m -> measures.add(measure(row, m)));
      groups.put(key, measures);
    }
    return groups;
  }

  private List<Row> collected(ViewPlan plan, List<ArchiveSlice> slices, Part part) {
    try {
      return rows(session(), plan, slices, part).collectAsList();
    } catch (ArithmeticException e) {
      throw RecountException.of(
          ErrorCode.MEASURE_OVERFLOW,
          e,
          "Cannot recount view '%s' from raw: %s",
          plan.shownName(),
          e.getMessage());
    }
  }

  private static Dataset<Row> rows(
      SparkSession session, ViewPlan plan, List<ArchiveSlice> slices, Part part) {
    Dataset<Row> events = events(session, plan, slices.get(0), part);
    if (plan.join() == null) {
      events.drop(PLACE).createOrReplaceTempView(plan.event());
      return ExactFunctions.rows(session, exact(plan.sql()));
    }
    events.createOrReplaceTempView(plan.event());
    slices.get(1).withPlace(session).createOrReplaceTempView(plan.join().state());
    return new RawJoin(session, plan.join()).rows(exact(plan.sql()));
  }

  /** Of events with the same id the one that arrived first, if the view is distinct. */
  private static Dataset<Row> events(
      SparkSession session, ViewPlan plan, ArchiveSlice slice, Part part) {
    Dataset<Row> events = part.of(slice, session);
    if (plan.distinct().isEmpty() || part.withCopies()) {
      return events;
    }
    String view = plan.event() + "_with_place";
    String earlier = plan.event() + "_before";
    events.createOrReplaceTempView(view);
    slice.withPlace(session).createOrReplaceTempView(earlier);
    return session.sql(
        """
        SELECT * FROM %1$s AS one WHERE NOT EXISTS (
          SELECT 1 FROM %2$s AS other WHERE other.`%3$s` = one.`%3$s`
          AND (other._arrived_at, other._partition, other._offset)
              < (one._arrived_at, one._partition, one._offset))"""
            .formatted(view, earlier, plan.distinct().get()));
  }

  private SparkSession session() {
    SparkSession session = spark.newSession();
    ExactFunctions.register(session);
    return session;
  }

  private static Object measure(Row row, Measure measure) {
    int index = row.fieldIndex(measure.name());
    if (measure.kind() == MeasureKind.TDIGEST) {
      return row.isNullAt(index) ? null : List.<Object>copyOf(row.getList(index));
    }
    return Values.ofSpark(measure.type(), row.get(index));
  }

  static String exact(String sql) {
    return DISTINCT.matcher(sql).replaceAll("count(DISTINCT ");
  }

  private static Object value(Row row, String column, ColumnType type) {
    return Values.ofSpark(type, row.get(row.fieldIndex(column)));
  }
}
