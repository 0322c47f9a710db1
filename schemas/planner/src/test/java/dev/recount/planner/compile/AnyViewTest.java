package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.recount.core.view.Merge;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.pass.Passes;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Any view over any stream: speed runs it over micro-batches, of which some are repeated and
 * dropped by their keys, and batch over what arrived before a cut. What speed has from the cut on
 * and what batch has are together what one pass over all events gives, wherever the cut is.
 */
class AnyViewTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final EventSchema EVENT = TestSpark.PAGE_VIEW;
  private static final StructType TYPE = EventRows.type(EVENT);
  private static final StructType ARRIVED_TYPE =
      TYPE.add(StoredColumn.ARRIVED, DataTypes.LongType, false);
  private static final double ROUNDING = 1e-9;
  private static final int BUCKETS = 6;
  private static final long[] CUTS = {0, 2, 3, BUCKETS};
  private static final int PARTITIONS = 2;

  private static final String ODD_DOUBLE =
      "CAST(CASE status WHEN 200 THEN 'NaN' WHEN 304 THEN '-Infinity' ELSE CAST(bytes AS STRING) END AS DOUBLE)";
  private static final String ODD_LONG =
      "CASE WHEN bytes < 30 THEN -9223372036854775808 WHEN bytes < 60 THEN 9223372036854775807 ELSE"
          + " bytes END";
  private static final List<String> DIMENSIONS =
      List.of(
          ODD_DOUBLE,
          ODD_LONG,
          "method",
          "status",
          "date_trunc('MINUTE', event_time)",
          "CAST(event_time AS DATE)",
          "session_id IS NULL",
          "CASE WHEN status >= 400 THEN 'failed' WHEN status >= 300 THEN 'moved' END",
          "CAST(bytes AS DOUBLE) / 2",
          "regexp_extract(page_url, '^/p(.)', 1)");
  private static final List<String> MEASURES =
      List.of(
          "count(*)",
          "count(bytes)",
          "count_if(status >= 400)",
          "sum(bytes)",
          "sum(status) FILTER (WHERE method = 'GET')",
          "sum(CASE method WHEN 'GET' THEN 1 WHEN 'POST' THEN -1 END)",
          "sum(CAST(bytes AS DOUBLE))",
          "avg(bytes)",
          "avg(CAST(status AS DOUBLE)) FILTER (WHERE bytes > 10)",
          "min(bytes)",
          "max(CAST(bytes AS DOUBLE))",
          "max(event_time)",
          "min(CAST(event_time AS DATE))",
          "bool_or(bytes > 50)",
          "bool_and(status = 200)",
          "count_if(status >= 300) / count(*)",
          "coalesce(sum(bytes), 0) - min(status)",
          "CASE WHEN count(*) > 5 THEN max(status) ELSE min(status) END",
          "variance(bytes)",
          "stddev_pop(CAST(status AS DOUBLE))",
          "min(session_id)",
          "min(" + ODD_DOUBLE + ")",
          "max(" + ODD_DOUBLE + ")",
          "min(" + ODD_LONG + ")",
          "max(" + ODD_LONG + ")",
          "max(method) FILTER (WHERE status > 200)",
          "max_by(page_url, event_time)",
          "max_by(session_id, date_trunc('MINUTE', event_time))",
          "min_by(bytes, status)",
          "min_by(status = 200, CAST(event_time AS DATE)) FILTER (WHERE bytes > 10)",
          "theta_sketch_agg(session_id)",
          "hll_agg(ip_address)",
          "tdigest_agg(bytes)");
  private static final List<String> CONDITIONS =
      List.of("", "WHERE status >= 300", "WHERE method IS NOT NULL", "WHERE bytes < 0");

  /** A record of the log. */
  record Arrived(Row event, int partition, long bucket) {
    private Row withBucket() {
      Object[] values = IntStream.rangeClosed(0, event.length()).mapToObj(this::at).toArray();
      return RowFactory.create(values);
    }

    private Object at(int column) {
      return column < event.length() ? event.get(column) : (Object) bucket;
    }
  }

  /**
   * What arrived, in the order of its arrival.
   *
   * @param size how many records a micro-batch has
   * @param repeated the micro-batches that are run twice, as after a crash
   */
  record Stream(List<Arrived> records, int size, Set<Integer> repeated) {
    private List<Arrived> microBatch(int id) {
      return records.subList(id * size, Math.min((id + 1) * size, records.size()));
    }
  }

  @Provide
  Arbitrary<String> views() {
    return Combinators.combine(
            Arbitraries.of(DIMENSIONS).set().ofMaxSize(3),
            Arbitraries.of(MEASURES).set().ofMinSize(1).ofMaxSize(5),
            Arbitraries.of(CONDITIONS))
        .as(AnyViewTest::sql);
  }

  private static String sql(Set<String> dimensions, Set<String> measures, String condition) {
    List<String> columns = new ArrayList<>();
    dimensions.forEach(d -> columns.add(d + " AS d" + columns.size()));
    measures.forEach(m -> columns.add(m + " AS m" + columns.size()));
    return "SELECT "
        + String.join(", ", columns)
        + " FROM page_view "
        + condition
        + (dimensions.isEmpty() ? "" : " GROUP BY ALL");
  }

  /** Events repeat, and come in no order of their times. */
  @Provide
  Arbitrary<Stream> streams() {
    Arbitrary<List<Arrived>> records =
        Combinators.combine(
                events(),
                Arbitraries.integers().between(0, PARTITIONS - 1),
                Arbitraries.longs().between(0, BUCKETS - 1))
            .as(Arrived::new)
            .list()
            .ofMaxSize(60)
            .map(list -> list.stream().sorted(Comparator.comparing(Arrived::bucket)).toList());
    Arbitrary<Set<Integer>> repeated = Arbitraries.integers().between(0, 9).set();
    return Combinators.combine(records, Arbitraries.integers().between(1, 25), repeated)
        .as(Stream::new);
  }

  private static Arbitrary<Row> events() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 200_000),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 40).injectNull(0.1),
            Arbitraries.of("GET", "POST", "").injectNull(0.2),
            Arbitraries.of(200, 304, 404).injectNull(0.1),
            Arbitraries.longs().between(0, 100).injectNull(0.3))
        .as(
            (time, page, visitor, method, status, bytes) ->
                RowFactory.create(
                    Instant.ofEpochMilli(1_700_000_000_000L + time),
                    null,
                    "10.0.0." + time % 90,
                    visitor == null ? null : "s" + visitor,
                    "/p" + page,
                    null,
                    null,
                    null,
                    method,
                    status,
                    bytes,
                    visitor != null && visitor % 4 == 0));
  }

  @Property(tries = 25, edgeCases = EdgeCasesMode.NONE, seed = "1")
  void batchAndSpeed_areOnePassOverAll(
      @ForAll("views") String sql,
      @ForAll @Size(min = 1, max = 12) List<@From("streams") Stream> streams) {
    ViewPlan plan = COMPILER.plan(ViewFile.parse("any", sql), EVENT);
    ViewProgram byArrival = COMPILER.program(plan, ARRIVED_TYPE, true);
    ViewProgram whole = COMPILER.program(plan, TYPE, false);
    List<Outcome> outcomes =
        Passes.inTask(
            () -> {
              try (Passes speed = new Passes(byArrival, ARRIVED_TYPE);
                  Passes batch = new Passes(whole, TYPE)) {
                return streams.stream().map(s -> outcome(plan, speed, batch, s)).toList();
              }
            });
    for (Outcome outcome : outcomes) {
      var recount = merged(plan, outcome.recount());
      outcome.parts().forEach(parts -> checkSame(plan, merged(plan, parts), recount));
    }
  }

  /** As incremental runs do it: each bucket is a part, and merged parts are merged again. */
  @Property(tries = 6, edgeCases = EdgeCasesMode.NONE, seed = "1")
  void mergedParts_areOnePassOverAll_withOneRowForEachGroup(
      @ForAll("views") String sql,
      @ForAll @Size(min = 1, max = 12) List<@From("streams") Stream> streams) {
    ViewPlan plan = COMPILER.plan(ViewFile.parse("any", sql), EVENT);
    ViewProgram whole = COMPILER.program(plan, TYPE, false);
    ViewProgram merge = COMPILER.merge(plan, whole.type());
    assertThat(merge.type().fieldNames()).isEqualTo(whole.type().fieldNames());
    List<Outcome> outcomes =
        Passes.inTask(
            () -> {
              try (Passes batch = new Passes(whole, TYPE);
                  Passes merging = new Passes(merge, whole.type())) {
                return streams.stream().map(s -> folded(batch, merging, s)).toList();
              }
            });
    for (Outcome outcome : outcomes) {
      var recount = merged(plan, outcome.recount());
      for (List<Row> parts : outcome.parts()) {
        assertThat(parts).hasSameSizeAs(recount.keySet());
        checkSame(plan, merged(plan, parts), recount);
      }
    }
  }

  private static Outcome folded(Passes batch, Passes merging, Stream stream) {
    List<Row> folded = new ArrayList<>();
    for (long bucket = 0; bucket < BUCKETS; bucket += 2) {
      List<Row> pair = new ArrayList<>();
      for (long in : new long[] {bucket, bucket + 1}) {
        pair.addAll(
            batch.rows(events(stream.records().stream().filter(r -> r.bucket() == in).toList())));
      }
      folded.addAll(merging.rows(pair));
    }
    return new Outcome(batch.rows(events(stream.records())), List.of(merging.rows(folded)));
  }

  /**
   * What is stored of a stream.
   *
   * @param parts for each cut, the rows of batch and speed together
   */
  private record Outcome(List<Row> recount, List<List<Row>> parts) {}

  private static Outcome outcome(ViewPlan plan, Passes speed, Passes batch, Stream stream) {
    List<Row> deltas = deltas(plan, speed, stream);
    return new Outcome(
        batch.rows(events(stream.records())),
        LongStream.of(CUTS).mapToObj(cut -> parts(batch, stream, deltas, cut)).toList());
  }

  /** What is served once batch covers what arrived before the cut. */
  private static List<Row> parts(Passes batch, Stream stream, List<Row> deltas, long cut) {
    List<Row> parts = new ArrayList<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      List<Arrived> records = ofPartition(stream.records(), partition);
      records.removeIf(r -> r.bucket() >= cut);
      parts.addAll(batch.rows(events(records)));
    }
    deltas.stream()
        .filter(delta -> delta.<Long>getAs(StoredColumn.ARRIVED) >= cut)
        .forEach(parts::add);
    return parts;
  }

  /** What Pinot keeps of the deltas: the first of each key. */
  private static List<Row> deltas(ViewPlan plan, Passes speed, Stream stream) {
    Map<List<Object>, Row> kept = new LinkedHashMap<>();
    for (int id = 0; id * stream.size() < stream.records().size(); id++) {
      for (int run = 0; run < (stream.repeated().contains(id) ? 2 : 1); run++) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
          long chunk = id * PARTITIONS + partition;
          List<Arrived> records = ofPartition(stream.microBatch(id), partition);
          speed
              .rows(records.stream().map(Arrived::withBucket).toList())
              .forEach(row -> kept.putIfAbsent(key(plan, row, chunk), row));
        }
      }
    }
    return List.copyOf(kept.values());
  }

  private static List<Object> key(ViewPlan plan, Row row, long chunk) {
    List<Object> key = new ArrayList<>();
    plan.dimensionColumns().forEach(c -> key.add(row.getAs(c.name())));
    key.add(row.getAs(StoredColumn.ARRIVED));
    key.add(chunk);
    return key;
  }

  private static List<Arrived> ofPartition(List<Arrived> records, int partition) {
    return records.stream()
        .filter(r -> r.partition() == partition)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static List<Row> events(List<Arrived> records) {
    return records.stream().map(Arrived::event).toList();
  }

  private static Map<List<Object>, Map<String, Object>> merged(ViewPlan plan, List<Row> rows) {
    Map<List<Object>, Map<String, Object>> merged = new HashMap<>();
    Merged.merge(plan, rows, merged);
    return merged;
  }

  private static void checkSame(
      ViewPlan plan,
      Map<List<Object>, Map<String, Object>> merged,
      Map<List<Object>, Map<String, Object>> recount) {
    assertThat(merged.keySet()).isEqualTo(recount.keySet());
    recount.forEach(
        (group, parts) ->
            plan.storedParts()
                .forEach(
                    part ->
                        check(part, merged.get(group).get(part.name()), parts.get(part.name()))));
  }

  private static void check(StoredColumn part, Object merged, Object recount) {
    if (recount instanceof Double expected && !expected.isInfinite()) {
      assertThat((Double) merged)
          .as(part.name())
          .isCloseTo(expected, within(Math.abs(expected) * ROUNDING));
    } else if (part.merge() == Merge.TDIGEST_MERGE) {
      checkDigest((byte[]) merged, (byte[]) recount);
    } else {
      assertThat(merged).as(part.name()).isEqualTo(recount);
    }
  }

  /** What is between the ends depends on the order of the merges, within the sketch's error. */
  private static void checkDigest(byte[] merged, byte[] recount) {
    for (double quantile : new double[] {0, 1}) {
      assertThat(Double.valueOf(Sketched.quantile(merged, quantile)))
          .isEqualTo(Double.valueOf(Sketched.quantile(recount, quantile)));
    }
    assertThat(Sketched.size(merged)).isEqualTo(Sketched.size(recount));
  }
}
