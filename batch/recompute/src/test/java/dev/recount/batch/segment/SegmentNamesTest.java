package dev.recount.batch.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SegmentNamesTest {
  @Test
  void sentinels_areToldFromData() {
    assertThat(SegmentNames.isSentinel(SegmentNames.sentinel("cut_v1", "20240501T120025500", 0)))
        .isTrue();
    assertThat(SegmentNames.isSentinel(SegmentNames.data("cut_v1", "20240501T120025500", 0, 1)))
        .isFalse();
  }

  @Test
  void consecutivePublications_neverHaveTheSameNumberOfSegments() {
    for (int data = 0; data < 5; data++) {
      for (int before = 0; before < 8; before++) {
        assertThat(data + SegmentNames.sentinels(data, before)).isNotEqualTo(before);
      }
    }
  }
}
