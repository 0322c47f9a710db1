package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RestartPlanTest {
  private final RestartPlan plan = new RestartPlan();

  @Test
  void whoDiesAtOnceAgainAndAgain_waitsTwiceAsLong_upToTheLongestPause() {
    assertThat(LongStream.range(0, 9).map(i -> plan.pauseAfter(Duration.ZERO).toSeconds()))
        .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L, 128L, 256L);
    for (int i = 0; i < 100; i++) {
      assertThat(plan.pauseAfter(Duration.ofSeconds(59))).isEqualTo(RestartPlan.LONGEST_PAUSE);
    }
  }

  @Test
  void whoHasLivedLong_beginsWithTheShortestPause() {
    plan.pauseAfter(Duration.ZERO);
    plan.pauseAfter(Duration.ZERO);
    assertThat(plan.pauseAfter(RestartPlan.LONG_LIFE)).isEqualTo(RestartPlan.FIRST_PAUSE);
    assertThat(plan.pauseAfter(Duration.ZERO)).isEqualTo(RestartPlan.FIRST_PAUSE);
    assertThat(plan.pauseAfter(Duration.ZERO)).isEqualTo(Duration.ofSeconds(2));
  }
}
