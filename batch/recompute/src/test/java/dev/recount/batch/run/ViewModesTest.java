package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ViewModesTest {
  @Test
  void layout_isAnother_ifTheSameViewIsComputedDifferently() {
    List<String> view = List.of("SELECT 1", "");
    String layout = ViewModes.layout(ViewModes.ROW_VERSION, view);
    assertThat(ViewModes.layout(ViewModes.ROW_VERSION, view)).isEqualTo(layout);
    assertThat(ViewModes.layout(ViewModes.ROW_VERSION + 1, view)).isNotEqualTo(layout);
    assertThat(ViewModes.layout(ViewModes.ROW_VERSION, List.of("SELECT 2", "")))
        .isNotEqualTo(layout);
  }
}
