package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RawRecountTest {
  @Test
  void sketch_becomesTheExactCount() {
    assertThat(RawRecount.exact("SELECT a, THETA_SKETCH_AGG (b) AS c FROM d GROUP BY ALL"))
        .isEqualTo("SELECT a, count(DISTINCT b) AS c FROM d GROUP BY ALL");
  }
}
