package dev.recount.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final List<String> lines = new ArrayList<>();
  private final Progress progress = new Progress(lines::add, false);

  @Test
  void line_hasRateAndTimeLeft() {
    try (Progress.Step step = progress.step("upload", "bytes", 10_000)) {
      assertThat(step.line(2_500, 2)).isEqualTo("upload: 2,500 of 10,000 bytes, 1,250/s, 6 s left");
      assertThat(step.line(0, 2)).isEqualTo("upload: 0 of 10,000 bytes");
      assertThat(step.line(1, 4)).isEqualTo("upload: 1 of 10,000 bytes, 39996 s left");
      assertThat(step.line(10_001, 2)).endsWith(", 0 s left");
    }
  }

  @Test
  void end_saysHowLongItTook_andAShortStepNothingElse() {
    try (Progress.Step step = progress.step("segments", "views", 3)) {
      step.advance(1);
      step.finish();
    }
    assertThat(lines).singleElement().asString().matches("segments: 3 views in \\d+\\.\\d s");
  }

  @Test
  void stepThatIsCountedElsewhere_isShownInItsUnit_withWhatElseThereIsToSay() {
    LongAdder bytes = new LongAdder();
    try (Progress.Step known = progress.step("in", "MiB", 1 << 20, 10 << 20, bytes, () -> "7 x");
        Progress.Step unknown = progress.step("in", "MiB", 1 << 20, -1, bytes, () -> "7 x")) {
      assertThat(known.line(5 << 20, 1)).isEqualTo("in: 5 of 10 MiB, 5/s, 1 s left, 7 x");
      assertThat(unknown.line(5 << 20, 1)).isEqualTo("in: 5 MiB, 5/s, 7 x");
    }
    assertThat(lines).isEmpty();
  }
}
