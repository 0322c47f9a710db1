package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SteadyRangeTest {
  private static final Duration MARGIN = Duration.ofMillis(100);
  private static final long UNTIL = 1_000;

  private final List<Long> compared = new ArrayList<>();
  private long retainedMs;

  private AbsorbedRange range(Duration margin) {
    return new AbsorbedRange(Math.min(UNTIL, retainedMs + margin.toMillis()), UNTIL, List.of());
  }

  /** Each comparison takes this long. */
  private long compare(long takesMs) {
    return new SteadyRange("v", this::range, MARGIN)
        .compare(
            range -> {
              compared.add(range.fromMs());
              retainedMs += takesMs;
              return range.fromMs();
            });
  }

  @Test
  void whatPinotDropsMeanwhile_doesNotCount_ifItWasLeftOutFromTheBeginning() {
    retainedMs = 200;
    assertThat(compare(90)).isEqualTo(300);
    assertThat(compared).containsExactly(300L);
  }

  @Test
  void whatWasDroppedMeanwhile_isComparedAgain_butNotForEver() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> compare(110))
        .matches(e -> e.code() == ErrorCode.DEADLINE_EXCEEDED);
    assertThat(compared).containsExactly(100L, 210L, 320L);
  }

  @Test
  void whereNothingIsLeft_itEnds() {
    retainedMs = 700;
    assertThat(compare(500)).as("nothing").isEqualTo(UNTIL);
    assertThat(compared).containsExactly(800L, UNTIL);
  }
}
