package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttemptsTest {
  @ParameterizedTest
  @CsvSource({"PT1S, PT0.8S, PT0.6S", "PT10S, PT8S, PT6S", "PT5M, PT8S, PT6S"})
  void waitForTheFirstWord_leavesTimeForAnAnswer(
      Duration timeout, Duration settle, Duration firstWord) {
    assertThat(Attempts.settle(timeout)).isEqualTo(settle);
    assertThat(Attempts.firstWord(timeout)).isEqualTo(firstWord);
  }
}
