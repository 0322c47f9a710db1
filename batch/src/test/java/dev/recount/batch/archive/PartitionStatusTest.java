package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Since when records wait for a file to be committed. */
class PartitionStatusTest {
  private static final PartitionStatus STARTING = PartitionStatus.starting(0, 100);

  @Test
  void idle_waitsForNothing() {
    assertThat(STARTING.waitingSinceMs()).isEqualTo(100);
    PartitionStatus idle = STARTING.at(5, 5, 5, 0, 200);
    assertThat(idle.waitingSinceMs()).isZero();
    assertThat(idle.at(5, 5, 5, 0, 900).waitingSinceMs()).isZero();
  }

  @Test
  void readingIsNotEnough_onlyAFileCommittedIs() {
    PartitionStatus reading = STARTING.at(5, 5, 5, 0, 200).at(5, 8, 9, 3, 300);
    assertThat(reading.waitingSinceMs()).isEqualTo(300);
    assertThat(reading.at(5, 20, 30, 15, 900).waitingSinceMs()).isEqualTo(300);
    assertThat(reading.at(20, 20, 30, 0, 900).waitingSinceMs()).isEqualTo(900);
    assertThat(reading.at(30, 30, 30, 0, 900).waitingSinceMs()).isZero();
  }

  @Test
  void failedAgainAndAgain_waitsSinceTheFirstTime_whereNobodyKnowsWhatIsThere() {
    PartitionStatus failed =
        STARTING.at(5, 5, 5, 0, 200).withProblem("no broker", 300).withProblem("no broker", 400);
    assertThat(failed.waitingSinceMs()).isEqualTo(300);
    assertThat(failed.problem()).isEqualTo("no broker");
    assertThat(failed.at(5, 7, 9, 2, 500).waitingSinceMs()).isEqualTo(300);
    assertThat(failed.at(5, 5, -1, 0, 500).waitingSinceMs()).isEqualTo(300);
    assertThat(failed.at(5, 5, 5, 0, 500).waitingSinceMs()).isZero();
  }
}
