package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PositionsTest {
  @Test
  void parse_readsSparksForm() {
    assertThat(Positions.parse("{\"events.page_view\":{\"1\":7,\"0\":12}}", "events.page_view"))
        .isEqualTo(new Positions(Map.of(0, 12L, 1, 7L)));
  }

  @Test
  void covers_needsEveryPartition() {
    Positions published = new Positions(Map.of(0, 12L, 1, 7L));
    assertThat(published.covers(new Positions(Map.of(0, 12L, 1, 7L)))).isTrue();
    assertThat(published.covers(new Positions(Map.of(0, 12L, 1, 8L)))).isFalse();
    assertThat(published.covers(new Positions(Map.of(0, 1L, 2, 1L)))).isFalse();
    assertThat(published.covers(new Positions(Map.of(2, 0L)))).isTrue();
  }

  @Test
  void since_countsPartitionsAddedLaterFromTheirBeginning() {
    Positions later = new Positions(Map.of(0, 12L, 1, 7L));
    assertThat(later.since(new Positions(Map.of(0, 10L)))).isEqualTo(9);
  }

  @Test
  void isStart_holdsAtZeroOnly() {
    assertThat(Positions.START.isStart()).isTrue();
    assertThat(new Positions(Map.of(0, 0L)).isStart()).isTrue();
    assertThat(new Positions(Map.of(0, 0L, 1, 1L)).isStart()).isFalse();
  }
}
