package dev.recount.batch.clean;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Publication;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunTracesTest {
  private static final String TABLE = "my_view_v1";
  private static final String SERVING = "20240501T120000000";
  private static final String PART = "20240501T110000000";
  private static final String OLD = "20240501T100000000";
  private static final String FAILED = "20240501T130000000";
  private static final String RUNNING = "20240501T140000000";
  private static final String UNKNOWN = "20240501T090000000";

  private static String segment(String run) {
    return TABLE + "_" + run + "_0_0";
  }

  private static Publication publication(String run, String status, String... segments) {
    return new Publication(
        run,
        TABLE,
        "my_view",
        1,
        status,
        "full",
        1,
        1,
        Json.write(segments),
        segments.length,
        "[]",
        null,
        null,
        null);
  }

  @Test
  void onlyWhatNobodyServesOrKeeps_isLeft() {
    RunTraces traces =
        RunTraces.of(
            Set.of(RUNNING),
            List.of(
                publication(SERVING, Publication.SERVING, segment(PART), segment(SERVING)),
                publication(OLD, Publication.REPLACED, segment(OLD)),
                publication(FAILED, Publication.FAILED, segment(FAILED))),
            TABLE,
            List.of());
    assertThat(List.of(SERVING, PART, OLD, RUNNING)).allMatch(traces::stay);
    assertThat(List.of(FAILED, UNKNOWN)).noneMatch(traces::stay);
    assertThat(traces.left(TABLE, segment(FAILED))).contains(FAILED);
    assertThat(traces.left(TABLE, segment(PART))).isEmpty();
    assertThat(traces.left(TABLE, "somebody_elses_segment")).isEmpty();
    assertThat(traces.isRunning(RUNNING)).isTrue();
    assertThat(traces.isRunning(SERVING)).isFalse();
  }

  /** Its segments were built by the roll-back; the next incremental run folds its rows. */
  @Test
  void rowsOfAPartThatARollBackServes_stay() {
    Publication rollback =
        new Publication(
            SERVING,
            TABLE,
            "my_view",
            1,
            Publication.SERVING,
            Publication.ROLLBACK,
            1,
            1,
            Json.write(List.of(segment(SegmentNames.rebuilt(SERVING, OLD)))),
            1,
            Json.write(List.of(new BatchPart(OLD, 0, 1, 1, 1, 1).builtBy(SERVING, 1))),
            null,
            null,
            null,
            PART,
            null);
    RunTraces traces = RunTraces.of(Set.of(), List.of(rollback), TABLE, List.of());
    assertThat(traces.stay(OLD)).isTrue();
    assertThat(traces.stay(SERVING)).isTrue();
    assertThat(traces.stay(PART)).isFalse();
  }

  /** As after an older catalog was restored. */
  @Test
  void whatPinotServes_stays_whateverTheCatalogKnows() {
    RunTraces traces = RunTraces.of(Set.of(), List.of(), TABLE, List.of(segment(UNKNOWN)));
    assertThat(traces.stay(UNKNOWN)).isTrue();
    assertThat(traces.stay(OLD)).isFalse();
  }

  @Test
  void segment_saysWhichRunMadeIt() {
    assertThat(SegmentNames.run(TABLE, segment(OLD))).contains(OLD);
    assertThat(SegmentNames.run(TABLE, SegmentNames.sentinel(TABLE, OLD, 1))).contains(OLD);
    assertThat(SegmentNames.run("my_view_v2", segment(OLD))).isEmpty();
    assertThat(SegmentNames.run(TABLE, TABLE + "_x")).isEmpty();
  }
}
