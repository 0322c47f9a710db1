package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Unsettled;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
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

  /** After 0, 50, 150, 350, 750 and 1,000 ms, and once more; fewer where the machine is slow. */
  @Test
  void attempts_areFew() {
    AtomicInteger attempts = new AtomicInteger();
    assertThatThrownBy(
            () ->
                Attempts.answer(
                    Deadline.after(Duration.ofSeconds(1)),
                    () -> {
                      attempts.incrementAndGet();
                      throw new Unsettled("a swap");
                    }))
        .isInstanceOfSatisfying(
            RecountException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.ANSWER_INCOMPLETE))
        .hasMessageContaining("a swap");
    assertThat(attempts.get()).isBetween(1, 7);
  }

  @Test
  void anAnswer_isAskedForAgain_untilThereIsOne() {
    assertThat(Attempts.<String>answer(Deadline.after(Duration.ZERO), () -> "first"))
        .isEqualTo("first");
    AtomicInteger attempts = new AtomicInteger();
    assertThat(
            Attempts.<String>answer(
                Deadline.after(Duration.ofMinutes(1)),
                () -> {
                  if (attempts.incrementAndGet() < 3) {
                    throw new Unsettled("a swap");
                  }
                  return "third";
                }))
        .isEqualTo("third");
  }
}
