package dev.recount.core.cut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CutTest {
  private static final long MOST = 4_000_000_000_000L;
  private static final Duration GRAIN = Duration.ofSeconds(10);

  @Property(seed = "1")
  void everyArrival_isOnExactlyOneSide_withItsWholeBucket(
      @ForAll @LongRange(min = 0, max = MOST) long moment,
      @ForAll @LongRange(min = 0, max = MOST) long arrival,
      @ForAll @LongRange(min = 1, max = 100_000) long grainMs) {
    Duration grain = Duration.ofMillis(grainMs);
    Cut cut = new Cut(Cut.bucket(moment, grain), grain);

    assertThat(cut.isInBatch(arrival)).isNotEqualTo(cut.isInSpeed(arrival));
    assertThat(cut.isInBatch(Cut.bucket(arrival, grain))).isEqualTo(cut.isInBatch(arrival));
    assertThat(cut.isInBatch(Cut.closeOfBucket(arrival, grain) - 1))
        .isEqualTo(cut.isInBatch(arrival));
  }

  @Property(seed = "1")
  void newest_coversNoRecordThatIsNotHeld_andIsTheNewestSuch(
      @ForAll @Size(min = 1, max = 8) List<@LongRange(min = 0, max = MOST) Long> notHeld,
      @ForAll @LongRange(min = 0, max = 60_000) long marginMs) {
    Cut cut = Cut.newest(notHeld, GRAIN, Duration.ofMillis(marginMs));

    assertThat(notHeld).noneMatch(cut::isInBatch);
    assertThat(notHeld)
        .anyMatch(arrival -> arrival - marginMs < cut.boundaryMs() + GRAIN.toMillis());
  }

  @Property(seed = "1")
  void cutAtCloseOfBucket_coversWhatHadArrived(
      @ForAll @LongRange(min = 0, max = MOST) long arrival) {
    Cut cut = new Cut(Cut.closeOfBucket(arrival, GRAIN), GRAIN);
    assertThat(cut.isInBatch(arrival)).isTrue();
  }

  @Test
  void pinotBoundary_isTheLastMillisecondOfTheBatch() {
    Cut cut = new Cut(1_000_000, GRAIN);
    long pinots = cut.sentinelArrivedMs() - Duration.ofHours(1).toMillis();

    assertThat(pinots).isEqualTo(cut.batchArrivedMs()).isEqualTo(999_999);
    assertThat(Cut.ofPinotBoundary(pinots, GRAIN)).isEqualTo(cut);
  }

  @Test
  void boundary_mustBeOnTheGrain() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Cut(1_000_001, GRAIN))
        .withMessageContaining("not on the grain");
  }
}
