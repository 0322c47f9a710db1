package dev.recount.contract.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.TestingEvents;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private final Intake intake =
      new Intake(
          TestingEvents.everyType(),
          null,
          new RecountConfig.Events(1, Duration.ofDays(1), 1_000),
          Clock.systemUTC());

  @Test
  void whatAReaderStumblesOver_isAMalformedEvent() {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(
            () ->
                intake.read(
                    new byte[1],
                    payload -> {
                      throw new ArithmeticException("Overflow");
                    }))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.EVENT_MALFORMED))
        .withMessageContaining("it cannot be read: java.lang.ArithmeticException: Overflow");
  }
}
