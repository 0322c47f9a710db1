package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.pinot.Mode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers of what had arrived by a moment, on a real Pinot. */
@ExtendWith(PinotExtension.class)
class AsOfIT {
  private static final long STEP = TestingPinot.GRAIN.toMillis();
  private static final long CUT = TestingPinot.BASE + 2 * STEP;
  private static final String SUM = "SELECT MEASURE(requests) FROM ";
  private static final String BY_METHOD =
      "SELECT method, MEASURE(requests) AS n FROM %s GROUP BY method ORDER BY method";

  private static TestingPinot pinot;
  private static ViewPlan filtered;

  /** A batch of 100 requests; 60 deltas of what it covers, by a method that it lacks; 7 after. */
  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    filtered = pinot.view("filtered");
    pinot.publish(filtered, "f1", new Cut(CUT, TestingPinot.GRAIN), 1, List.of(requests("A", 100)));
    pinot.delta(filtered, CUT - STEP, 1, requests("OLD", 60));
    pinot.delta(filtered, CUT + STEP, 2, requests("NEW", 7));
    pinot.awaitRequests("filtered", 107);
  }

  private static List<Map<String, Object>> requests(String method, int requests) {
    return List.of(TestingPinot.row(filtered, "hour", 1L, "method", method, "requests", requests));
  }

  private static Answer ask(String sql, long asOfMs, Mode mode) {
    Options options = Options.NONE.asOf(Instant.ofEpochMilli(asOfMs));
    return pinot.gateway().answer(Question.sql(sql, mode).with(options));
  }

  private static Object sum(String view, long asOfMs, Mode mode) {
    return ask(SUM + view, asOfMs, mode).rows().get(0).get(0);
  }

  @Test
  void answer_isOfWhatArrivedBefore_andStaysSo_whileMoreArrives_andARunPasses() throws Exception {
    ViewPlan plan = pinot.view("as_of");
    pinot.publish(plan, "a1", new Cut(CUT, TestingPinot.GRAIN), 1, List.of(requests("A", 100)));
    for (int i = 0; i < 6; i++) {
      pinot.delta(plan, CUT + i * STEP, i, requests(i % 2 == 0 ? "A" : "B", 1 << i));
    }
    pinot.awaitRequests("as_of", 163);
    long moment = CUT + 3 * STEP;
    assertThat(sum("as_of", CUT, Mode.MERGED)).isEqualTo(100L);
    assertThat(sum("as_of", CUT + STEP - 1, Mode.MERGED)).isEqualTo(100L);
    assertThat(sum("as_of", CUT + STEP, Mode.MERGED)).isEqualTo(101L);
    assertThat(sum("as_of", moment, Mode.SPEED)).isEqualTo(7L);
    assertThat(sum("as_of", moment, Mode.BATCH)).isEqualTo(100L);
    assertThat(sum("as_of", moment, Mode.DELTAS)).isEqualTo(7L);

    Answer first = ask(BY_METHOD.formatted("as_of"), moment, Mode.MERGED);
    assertThat(first.rows()).containsExactly(List.of("A", 105L), List.of("B", 2L));
    assertThat(first.provenance().asOf()).isEqualTo(Instant.ofEpochMilli(moment));
    pinot.delta(plan, CUT + 6 * STEP, 10, requests("C", 1_000));
    pinot.awaitRequests("as_of", 1_163);
    Answer later = ask(BY_METHOD.formatted("as_of"), moment, Mode.MERGED);
    assertThat(later.rows()).isEqualTo(first.rows());

    pinot.publish(
        plan,
        "a2",
        new Cut(moment, TestingPinot.GRAIN),
        2,
        List.of(List.of(requests("A", 105).get(0), requests("B", 2).get(0))));
    Answer ofTheNextRun = ask(BY_METHOD.formatted("as_of"), moment, Mode.MERGED);
    assertThat(ofTheNextRun.rows()).isEqualTo(first.rows());
    assertThat(pinot.label(ofTheNextRun.provenance().batch().runId())).isEqualTo("a2");

    assertThatThrownBy(() -> sum("as_of", moment - 1, Mode.MERGED))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.AS_OF_TOO_EARLY);
              assertThat(e.details()).containsEntry("earliest", Instant.ofEpochMilli(moment));
            });
    assertThatThrownBy(
            () -> sum("as_of", Instant.parse("9000-01-01T00:00:00Z").toEpochMilli(), Mode.MERGED))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.AS_OF_TOO_LATE));
  }

  /** Whatever WHERE keeps of the batch, Pinot's own boundary still hides what it covers. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "_arrived >= CUT - 15000 | 100",
        "_arrived > CUT - 1 | 0",
        "_arrived >= CUT | 0",
        "_arrived <> CUT - 1 | 0",
        "method = 'OLD' OR method = 'NEW' | 0",
        "method <> 'A' | 0",
        "method IN ('OLD', 'NEW') AND _arrived >= CUT - 15000 | 0",
        "hour = 1 AND method LIKE '%L%' OR method = 'NEW' | 0",
      })
  void filterThatPrunesTheBatch_bringsNoDeltasBackFromBeforeTheCut(String condition, long batch) {
    String from =
        "filtered WHERE "
            + condition
                .replace("CUT - 15000", String.valueOf(CUT - 15_000))
                .replace("CUT - 1", String.valueOf(CUT - 1))
                .replace("CUT", String.valueOf(CUT));
    assertThat(pinot.value(SUM + from)).isEqualTo(7 + batch);
    assertThat(sum(from, CUT + 2 * STEP, Mode.MERGED)).isEqualTo(7 + batch);
    assertThat(sum(from, CUT, Mode.MERGED)).isEqualTo(batch);
    assertThat(sum(from, CUT + 2 * STEP, Mode.SPEED)).isEqualTo(7L);
    assertThat(sum(from, CUT, Mode.SPEED)).isEqualTo(0L);
  }
}
