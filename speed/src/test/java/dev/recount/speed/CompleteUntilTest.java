package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CompleteUntilTest {
  private static Positions at(long position) {
    return new Positions(Map.of(0, position));
  }

  @Test
  void idle_completeUntilFollowsTheClock() {
    CompleteUntil progress = new CompleteUntil(at(5));
    progress.sample(1_000, at(5));
    progress.sample(1_200, at(5));
    assertThat(progress.completeUntilMs()).isEqualTo(1_200);
  }

  @Test
  void behind_completeUntilIsTheNewestSampleThatIsPublished() {
    CompleteUntil progress = new CompleteUntil(Positions.START);
    assertThat(progress.completeUntilMs()).isZero();
    progress.sample(1_000, at(5));
    progress.sample(1_200, at(9));
    progress.sample(1_400, at(12));
    assertThat(progress.completeUntilMs()).isZero();
    progress.published(at(9));
    assertThat(progress.completeUntilMs()).isEqualTo(1_200);
    progress.published(at(12));
    assertThat(progress.completeUntilMs()).isEqualTo(1_400);
  }

  @Test
  void clockSetBack_completeUntilDoesNotGoBack() {
    CompleteUntil progress = new CompleteUntil(at(5));
    progress.sample(1_000, at(5));
    progress.sample(900, at(5));
    assertThat(progress.completeUntilMs()).isEqualTo(1_000);
  }
}
