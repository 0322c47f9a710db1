package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.DeltaProgress;
import dev.recount.core.catalog.ViewVersion;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AbsorbedRangeTest {
  private static final long CUT = 100_000;
  private static final Duration GRAIN = Duration.ofSeconds(10);

  private static AbsorbedRange range(
      long speedUntilMs, long retainedMs, long auditedMs, long droppedMs, ViewVersion view) {
    return AbsorbedRange.of(
        new AbsorbedRange.Known(CUT, speedUntilMs, retainedMs, GRAIN),
        new DeltaProgress("v_v1", auditedMs, droppedMs),
        view);
  }

  private static ViewVersion whole(Long sinceMs) {
    return new ViewVersion(
        "v", 1, "e", "{}", ViewVersion.LIVE, 0, 0, 1L, sinceMs, null, null, null, null);
  }

  @Test
  void absorbedSinceTheLastAudit_isCompared() {
    AbsorbedRange first = range(CUT + 5, 0, 0, 0, whole(0L));
    assertThat(first).isEqualTo(new AbsorbedRange(0, CUT, java.util.List.of()));
    AbsorbedRange next = range(CUT + 5, 0, 70_000, 30_000, whole(0L));
    assertThat(next).isEqualTo(new AbsorbedRange(70_000, CUT, java.util.List.of()));
    assertThat(range(CUT, 0, CUT, 0, whole(0L)).isEmpty()).isTrue();
  }

  @Test
  void bucketsThatSpeedDidNotHoldWhole_areNamed_andNotCompared() {
    AbsorbedRange late = range(CUT, 0, 0, 0, whole(41_000L));
    assertThat(late.fromMs()).as("the first bucket that is whole").isEqualTo(50_000);
    assertThat(late.untilMs()).isEqualTo(CUT);
    assertThat(late.leftOut())
        .containsExactly(
            "arrivals before 1970-01-01T00:00:50Z: the speed layer did not have the view whole");
    assertThat(range(CUT, 0, 0, 0, whole(40_000L)).fromMs()).isEqualTo(40_000);
    AbsorbedRange never = range(CUT, 0, 0, 0, whole(CUT + 1));
    assertThat(never.isEmpty()).isTrue();
    assertThat(never.untilMs()).as("is not looked at again").isEqualTo(CUT);
  }

  @Test
  void droppedDeltas_andThoseThatPinotKeepsNoLonger_areNamed_andNotCompared() {
    AbsorbedRange dropped = range(CUT, 0, 20_000, 30_000, whole(0L));
    assertThat(dropped.fromMs()).isEqualTo(30_000);
    assertThat(dropped.leftOut())
        .containsExactly(
            "arrivals from 1970-01-01T00:00:20Z before 1970-01-01T00:00:30Z: their deltas are no"
                + " longer kept");
    assertThat(range(CUT, 60_000, 20_000, 30_000, whole(0L)).fromMs()).isEqualTo(60_000);
  }

  @Test
  void whatSpeedHasNotPassed_isLeftToTheNextAudit() {
    AbsorbedRange behind = range(75_999, 0, 20_000, 0, whole(0L));
    assertThat(behind.fromMs()).isEqualTo(20_000);
    assertThat(behind.untilMs()).isEqualTo(70_000);
    assertThat(behind.leftOut()).hasSize(1).first().asString().contains("has not passed them yet");
    assertThat(range(-1_000, 0, 20_000, 0, whole(0L)).untilMs()).isEqualTo(20_000);
  }

  @Test
  void aViewSetAside_isNamed_andItsBucketsAreNotLookedAtAgain() {
    ViewVersion aside =
        new ViewVersion(
            "v", 1, "e", "{}", ViewVersion.LIVE, 0, 0, null, null, "no room", 5L, null, null);
    AbsorbedRange range = range(CUT, 0, 20_000, 0, aside);
    assertThat(range.isEmpty()).isTrue();
    assertThat(range.untilMs()).isEqualTo(CUT);
    assertThat(range.leftOut())
        .hasSize(1)
        .first()
        .asString()
        .contains("set this view aside (no room)");
  }

  @Test
  void aViewThatSpeedHasNotBegun_waits() {
    AbsorbedRange range = range(CUT, 0, 20_000, 0, whole(null));
    assertThat(range.isEmpty()).isTrue();
    assertThat(range.untilMs()).isEqualTo(20_000);
    assertThat(range.leftOut()).hasSize(1);
  }
}
