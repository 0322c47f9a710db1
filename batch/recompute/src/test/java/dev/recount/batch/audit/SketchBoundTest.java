package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SketchBoundTest {
  @Test
  void fewValues_mustBeExact() {
    assertThat(new SketchBound(0).holds(4096, 4096)).isTrue();
    assertThat(new SketchBound(0).holds(4096, 4095)).isFalse();
  }

  @Test
  void manyValues_mayBeOffByThreeStandardErrors() {
    SketchBound bound = new SketchBound(1);

    assertThat(bound.holds(100_000, 104_000)).isTrue();
    assertThat(bound.holds(100_000, 96_000)).isTrue();
    assertThat(bound.holds(100_000, 105_000)).isFalse();
    assertThat(bound.holds(100_000, 95_000)).isFalse();
  }
}
