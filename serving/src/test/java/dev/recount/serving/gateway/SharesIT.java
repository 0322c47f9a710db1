package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.cut.Cut;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.pinot.Mode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The parts of batch and speed add up to the whole, on a real Pinot. */
@ExtendWith(PinotExtension.class)
class SharesIT {
  private static final long STEP = TestingPinot.GRAIN.toMillis();
  private static final long CUT = TestingPinot.BASE + 2 * STEP;
  private static final long BIG = (1L << 53) + 1;
  private static final String BY_METHOD =
      "SELECT method, MEASURE(requests) AS n, MEASURE(bytes) AS bytes, MEASURE(paid) AS paid"
          + " FROM shared GROUP BY method ORDER BY method";

  private static TestingPinot pinot;
  private static ViewPlan shared;

  /** Sums that a DOUBLE does not hold, of either sign, and groups that one layer alone has. */
  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    shared = withPaid(Plans.traffic("shared"));
    pinot.create(shared);
    pinot.publish(
        shared,
        "h1",
        new Cut(CUT, TestingPinot.GRAIN),
        1,
        List.of(
            List.of(
                row("BOTH", 3, BIG, 1, 0.25),
                row("BATCH", 5, -7, 2, 0.5),
                row("NULLS", 2, 0, 0, 0))));
    pinot.delta(shared, CUT - STEP, 1, List.of(row("BOTH", 100, 100, 100, 100)));
    pinot.delta(
        shared,
        CUT + STEP,
        2,
        List.of(row("BOTH", 4, 2, 1, 0.5), row("SPEED", 6, BIG, 1, 1), row("NULLS", 1, 8, 1, 2)));
    pinot.awaitRequests("shared", 21);
  }

  /** The same with a sum of DOUBLE. */
  private static ViewPlan withPaid(ViewPlan plan) {
    List<Measure> measures = new ArrayList<>(plan.measures());
    measures.add(
        new Measure(
            "paid",
            MeasureKind.SUM,
            ColumnType.DOUBLE,
            List.of(
                new StoredColumn("paid", ColumnType.DOUBLE, Merge.SUM),
                new StoredColumn("paid__count", ColumnType.LONG, Merge.SUM))));
    return new ViewPlan(
        plan.view(),
        plan.version(),
        plan.event(),
        plan.sql(),
        plan.header(),
        plan.dimensions(),
        measures);
  }

  private static Map<String, Object> row(
      String method, int requests, long bytes, int values, double paid) {
    return TestingPinot.row(
        shared,
        "hour",
        1L,
        "method",
        method,
        "requests",
        requests,
        "bytes",
        bytes,
        "bytes__count",
        values,
        "paid",
        paid,
        "paid__count",
        values);
  }

  private static Answer ask(String sql, Mode mode, Options options) {
    return pinot.gateway().answer(Question.sql(sql, mode).with(options));
  }

  @Test
  void parts_areThoseOfEachLayer_exactBeyondADouble() {
    Answer answer = ask(BY_METHOD, Mode.MERGED, Options.NONE.withShares());
    assertThat(answer.columns().stream().map(Answer.Column::name))
        .containsExactly(
            "method",
            "n",
            "bytes",
            "paid",
            "n.batch",
            "n.speed",
            "bytes.batch",
            "bytes.speed",
            "paid.batch",
            "paid.speed");
    assertThat(answer.columns().get(4))
        .isEqualTo(new Answer.Column("n.batch", ColumnType.LONG, "n", "batch"));
    assertThat(answer.rows())
        .containsExactly(
            Arrays.asList("BATCH", 5L, -7L, 0.5, 5L, 0L, -7L, null, 0.5, null),
            Arrays.asList("BOTH", 7L, BIG + 2, 0.75, 3L, 4L, BIG, 2L, 0.25, 0.5),
            Arrays.asList("NULLS", 3L, 8L, 2.0, 2L, 1L, null, 8L, null, 2.0),
            Arrays.asList("SPEED", 6L, BIG, 1.0, 0L, 6L, null, BIG, null, 1.0));
    assertThat(ask(BY_METHOD, Mode.MERGED, Options.NONE).rows())
        .isEqualTo(answer.rows().stream().map(row -> row.subList(0, 4)).toList());
  }

  @Test
  void oneLayerAlone_isAllOfIt() {
    for (Mode mode : List.of(Mode.BATCH, Mode.SPEED)) {
      int own = mode == Mode.BATCH ? 4 : 5;
      Answer answer = ask(BY_METHOD, mode, Options.NONE.withShares());
      assertThat(answer.rows()).hasSize(3);
      for (List<Object> row : answer.rows()) {
        assertThat(row.get(own)).isEqualTo(row.get(1));
        assertThat(row.get(own + 2)).isEqualTo(row.get(2));
        assertThat(row.get(own == 4 ? 5 : 4)).isEqualTo(0L);
      }
    }
  }

  @Test
  void whatDoesNotAddUp_hasNoShares_andTheAnswerSaysSo() {
    Answer answer =
        ask(
            "SELECT MEASURE(avg_bytes) AS mean, MEASURE(max_bytes) AS most,"
                + " MEASURE(requests) / 2 AS half, MEASURE(requests) AS n FROM shared",
            Mode.MERGED,
            Options.NONE.withShares());
    assertThat(answer.columns().stream().map(Answer.Column::name))
        .containsExactly("mean", "most", "half", "n", "n.batch", "n.speed");
    assertThat(answer.rows().get(0).subList(3, 6)).containsExactly(21L, 10L, 11L);
    assertThat(answer.provenance().warnings())
        .filteredOn(w -> w.contains("has no shares"))
        .extracting(w -> w.substring(0, w.indexOf(' ')))
        .containsExactly("'mean'", "'most'", "'half'");
    assertThatThrownBy(
            () ->
                ask(
                    "SELECT MEASURE(requests) AS n, MEASURE(bytes) AS \"n.batch\" FROM shared",
                    Mode.MERGED,
                    Options.NONE.withShares()))
        .hasMessageContaining("'n.batch'");
  }

  /** Batch part + speed part = whole for every group of every answer, while both layers move. */
  @Test
  void parts_addUp_andAreWhatEachLayerSaysAlone_underTraffic() throws Exception {
    ViewPlan plan = pinot.view("moving");
    CompletableFuture<Void> traffic = CompletableFuture.runAsync(() -> drive(plan));
    int answers = 0;
    int compared = 0;
    while (!traffic.isDone()) {
      Options options =
          Options.NONE.asOf(Instant.ofEpochMilli(TestingPinot.BASE + 100 * STEP)).withShares();
      String sql =
          "SELECT method, MEASURE(requests) AS n FROM moving GROUP BY method ORDER BY method";
      Answer merged = ask(sql, Mode.MERGED, options);
      for (List<Object> row : merged.rows()) {
        assertThat((Long) row.get(2) + (Long) row.get(3)).as("%s", row).isEqualTo(row.get(1));
      }
      answers++;
      Answer batch = ask(sql, Mode.BATCH, options);
      boolean isSameRun =
          merged.provenance().batch() != null
              && batch.provenance().batch() != null
              && merged.provenance().batch().runId().equals(batch.provenance().batch().runId());
      if (isSameRun) {
        assertThat(byMethod(batch, 1)).isEqualTo(byMethod(merged, 2));
        compared++;
      }
    }
    traffic.join();
    assertThat(answers).isGreaterThan(5);
    assertThat(compared).isGreaterThan(1);
  }

  /** The groups of which there is anything. */
  private static Map<Object, Object> byMethod(Answer answer, int column) {
    Map<Object, Object> values = new HashMap<>();
    answer.rows().stream()
        .filter(row -> !row.get(column).equals(0L))
        .forEach(row -> values.put(row.get(0), row.get(column)));
    return values;
  }

  private static void drive(ViewPlan plan) {
    Random random = new Random(7);
    Map<String, Integer> counted = new HashMap<>();
    try {
      for (int run = 0; run < 4; run++) {
        for (int i = 0; i < 4; i++) {
          String method = "m" + random.nextInt(5);
          int requests = 1 + random.nextInt(9);
          pinot.delta(
              plan,
              TestingPinot.BASE + (4L * run + i) * STEP,
              4L * run + i,
              List.of(TestingPinot.row(plan, "hour", 1L, "method", method, "requests", requests)));
          counted.merge(method, requests, Integer::sum);
        }
        List<Map<String, Object>> rows = new ArrayList<>();
        counted.forEach(
            (method, n) ->
                rows.add(TestingPinot.row(plan, "hour", 1L, "method", method, "requests", n)));
        long cut = TestingPinot.BASE + 4L * (run + 1) * STEP;
        pinot.publish(
            plan, "m" + run, new Cut(cut, TestingPinot.GRAIN), 1 + run % 2, List.of(rows));
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
