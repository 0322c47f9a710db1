package dev.recount.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationTextTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0 s",
    "PT0.25S, 250 ms",
    "PT1S, 1 s",
    "PT1.5S, 1.5 s",
    "PT10S, 10 s",
    "PT90S, 90 s",
    "PT1M, 1 minute",
    "PT30M, 30 minutes",
    "PT90M, 90 minutes",
    "PT1H, 1 hour",
    "PT24H, 1 day",
    "PT168H, 7 days",
    "-PT1.5S, -1.5 s"
  })
  void durations_areAsPeopleWriteThem(Duration duration, String text) {
    assertThat(DurationText.of(duration)).isEqualTo(text);
  }

  @Test
  void messagesOfErrors_haveThem() {
    assertThat(RecountException.of(ErrorCode.STACK_DOWN, "within %s, %d", Duration.ofDays(2), 7))
        .hasMessage("within 2 days, 7");
  }
}
