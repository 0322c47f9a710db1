package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailingViewsTest {
  private static final long MINUTE = 60_000;
  private final FailingViews failing = new FailingViews(3, Duration.ofMinutes(10));

  /** Sets it aside at a moment; after how long it is due. */
  private long setAside(long nowMs) {
    failing.setAside("v", nowMs);
    long waitMs = 0;
    while (!failing.isDue("v", nowMs + waitMs)) {
      waitMs += 1_000;
    }
    return waitMs;
  }

  @Test
  void manyFailuresInARow_setAside() {
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.failed("v")).isFalse();
    failing.worked("v", 0);
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.failed("v")).isFalse();
    failing.interrupted();
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.failed("other")).isFalse();
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.isAside("v", false)).isFalse();
    assertThat(failing.failed("v")).isTrue();
    failing.setAside("v", 0);
    assertThat(failing.isAside("v", false)).isTrue();
    assertThat(failing.isAside("other", false)).isFalse();
  }

  @Test
  void triesBecomeRare_andOneFailureIsEnoughThen() {
    assertThat(setAside(0)).isEqualTo(5_000);
    assertThat(failing.failed("v")).isTrue();
    assertThat(setAside(5_000)).isEqualTo(10_000);
    for (int i = 0; i < 20; i++) {
      setAside(0);
    }
    assertThat(setAside(0)).isEqualTo(10 * MINUTE);
  }

  @Test
  void whatWorksForAWhileOnly_isTriedAsRarelyAsBefore_untilItHasWorkedForLong() {
    setAside(0);
    setAside(0);
    failing.worked("v", 0);
    assertThat(failing.isAside("v", false)).isFalse();
    assertThat(failing.failed("v")).isFalse();
    failing.worked("v", MINUTE);
    assertThat(setAside(2 * MINUTE)).isEqualTo(20_000);
    failing.worked("v", 3 * MINUTE);
    failing.worked("v", 13 * MINUTE);
    assertThat(setAside(13 * MINUTE)).isEqualTo(5_000);
  }

  @Test
  void whatTheCatalogSays_countsAfterAStartOnly_andItIsTriedAtOnce() {
    assertThat(failing.isAside("v", true)).isTrue();
    assertThat(failing.isDue("v", 0)).isTrue();
    failing.worked("v", 0);
    assertThat(failing.isAside("v", true)).as("what was read before").isFalse();
  }
}
