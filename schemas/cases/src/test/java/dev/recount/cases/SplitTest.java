package dev.recount.cases;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SplitTest {
  @Test
  void everyPositionOfTheCut_isThere_withWhatFollowsTogetherAndOneByOne() {
    assertThat(Split.all(3))
        .extracting(Split::text)
        .containsExactly(
            "speed counts all 3, together",
            "speed counts all 3, one by one",
            "batch counts the first 1, speed the last 2, together",
            "batch counts the first 1, speed the last 2, one by one",
            "batch counts the first 2, speed the last 1",
            "batch counts all 3");
    assertThat(Split.all(0)).hasSize(1);
  }
}
