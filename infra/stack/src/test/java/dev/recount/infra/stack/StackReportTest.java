package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StackReportTest {
  private static StackReport report(String disk, Health health, String... problems) {
    return new StackReport(
        "home",
        disk,
        List.of(
            new ProcessStatus("kafka", 1L, Health.UP, Map.of()),
            new ProcessStatus("speed", 2L, health, Map.of())),
        new LayerReport(List.of(problems), List.of(), List.of(), List.of(), List.of()));
  }

  @Test
  void isWell_onlyWhereNothingIsAmiss() {
    assertThat(report(null, Health.UP).isWell()).isTrue();
    assertThat(report(null, Health.STARTING).isWell()).isTrue();
    assertThat(report(null, Health.DOWN).isWell()).isFalse();
    assertThat(report(null, Health.UNHEALTHY).isWell()).isFalse();
    assertThat(report(null, Health.UP, "speed of 'e' stands still").isWell()).isFalse();
    assertThat(report("full", Health.UP).isWell()).isFalse();
  }
}
