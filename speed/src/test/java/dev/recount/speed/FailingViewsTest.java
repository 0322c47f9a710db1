package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailingViewsTest {
  private static final long MINUTE = 60_000;
  private long nowMs = Long.MIN_VALUE / 2;
  private final FailingViews failing = new FailingViews(3, Duration.ofMinutes(10), () -> nowMs);

  /** Sets it aside; after how long it is due. */
  private long setAside() {
    failing.setAside("v");
    return due();
  }

  private long due() {
    long sinceMs = nowMs;
    while (!failing.isDue("v")) {
      nowMs += 1_000;
    }
    long waitMs = nowMs - sinceMs;
    nowMs = sinceMs;
    return waitMs;
  }

  @Test
  void manyFailuresInARow_setAside() {
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.failed("v")).isFalse();
    failing.worked("v");
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.failed("v")).isFalse();
    failing.interrupted();
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.failed("other")).isFalse();
    assertThat(failing.failed("v")).isFalse();
    assertThat(failing.isAside("v", false)).isFalse();
    assertThat(failing.failed("v")).isTrue();
    failing.setAside("v");
    assertThat(failing.isAside("v", false)).isTrue();
    assertThat(failing.isAside("other", false)).isFalse();
  }

  @Test
  void triesBecomeRare_andOneFailureIsEnoughThen() {
    assertThat(setAside()).isEqualTo(5_000);
    assertThat(failing.failed("v")).isTrue();
    assertThat(setAside()).isEqualTo(10_000);
    for (int i = 0; i < 20; i++) {
      setAside();
    }
    assertThat(setAside()).isEqualTo(10 * MINUTE);
  }

  @Test
  void whatWorksForAWhileOnly_isTriedAsRarelyAsBefore_untilItHasWorkedForLong() {
    setAside();
    setAside();
    failing.worked("v");
    assertThat(failing.isAside("v", false)).isFalse();
    assertThat(failing.failed("v")).isFalse();
    nowMs += MINUTE;
    failing.worked("v");
    nowMs += MINUTE;
    assertThat(setAside()).isEqualTo(20_000);
    nowMs += MINUTE;
    failing.worked("v");
    nowMs += 10 * MINUTE;
    failing.worked("v");
    assertThat(setAside()).isEqualTo(5_000);
  }

  @Test
  void whatTheCatalogSays_countsAfterAStartOnly_andItIsTriedAtOnce() {
    assertThat(failing.isAside("v", true)).isTrue();
    assertThat(failing.isDue("v")).isTrue();
    failing.worked("v");
    assertThat(failing.isAside("v", true)).as("what was read before").isFalse();
  }

  @Test
  void viewThatDidNotEnd_waitsAsLongAsBefore_butADayAtMost_whateverClocksWereSetTo() {
    failing.wasEndless("v", Duration.ofHours(3));
    assertThat(due()).isEqualTo(180 * MINUTE);
    failing.wasEndless("w", Duration.ofHours(-3));
    nowMs += 10 * MINUTE;
    assertThat(failing.isDue("w")).isTrue();
    failing.wasEndless("x", Duration.ofDays(20_000));
    assertThat(failing.isDue("x")).isFalse();
    nowMs += 24 * 60 * MINUTE;
    assertThat(failing.isDue("x")).isTrue();
  }
}
