package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Since when records wait for a file to be committed. */
class PartitionStatusTest {
  private static final PartitionStatus STARTING = PartitionStatus.starting(0, 100);
  private static final OptionalLong NO_FILE = OptionalLong.empty();

  @Test
  void idle_waitsForNothing() {
    assertThat(STARTING.waitingSinceMs()).isEqualTo(100);
    PartitionStatus idle = STARTING.at(5, 5, 5, NO_FILE, 200);
    assertThat(idle.waitingSinceMs()).isZero();
    assertThat(idle.at(5, 5, 5, NO_FILE, 900).waitingSinceMs()).isZero();
  }

  /** An aborted transaction, or the mark of one that was committed. */
  @Test
  void positionsWithoutARecord_areNotWaitedFor() {
    PartitionStatus after = STARTING.at(5, 5, 5, NO_FILE, 200).at(5, 9, 9, NO_FILE, 300);
    assertThat(after.waitingSinceMs()).isZero();
    assertThat(after.lag()).isZero();
    PartitionStatus behind = after.at(5, 9, 12, NO_FILE, 400);
    assertThat(behind.waitingSinceMs()).isEqualTo(400);
    assertThat(behind.lag()).isEqualTo(3);
  }

  @Test
  void readingIsNotEnough_onlyAFileCommittedIs() {
    PartitionStatus reading =
        STARTING.at(5, 5, 5, NO_FILE, 200).at(5, 8, 9, OptionalLong.of(3), 300);
    assertThat(reading.waitingSinceMs()).isEqualTo(300);
    assertThat(reading.at(5, 20, 30, OptionalLong.of(15), 900).waitingSinceMs()).isEqualTo(300);
    assertThat(reading.at(20, 20, 30, NO_FILE, 900).waitingSinceMs()).isEqualTo(900);
    assertThat(reading.at(30, 30, 30, NO_FILE, 900).waitingSinceMs()).isZero();
  }

  @Test
  void failedAgainAndAgain_waitsSinceTheFirstTime_whereNobodyKnowsWhatIsThere() {
    PartitionStatus failed =
        STARTING
            .at(5, 5, 5, NO_FILE, 200)
            .withProblem("no broker", 300)
            .withProblem("no broker", 400);
    assertThat(failed.waitingSinceMs()).isEqualTo(300);
    assertThat(failed.problem()).isEqualTo("no broker");
    assertThat(failed.at(5, 7, 9, OptionalLong.of(2), 500).waitingSinceMs()).isEqualTo(300);
    assertThat(failed.at(5, 5, -1, NO_FILE, 500).waitingSinceMs()).isEqualTo(300);
    assertThat(failed.at(5, 5, 5, NO_FILE, 500).waitingSinceMs()).isZero();
  }
}
