package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatewayTest {
  @ParameterizedTest
  @CsvSource({"PT1S, PT1S, PT0.75S", "PT8S, PT8S, PT6S", "PT10S, PT8S, PT6S", "PT5M, PT8S, PT6S"})
  void waitForTheFirstWord_leavesTimeForAnAnswer(
      Duration timeout, Duration settle, Duration firstWord) {
    assertThat(Gateway.settle(timeout)).isEqualTo(settle);
    assertThat(Gateway.firstWord(timeout)).isEqualTo(firstWord);
  }
}
