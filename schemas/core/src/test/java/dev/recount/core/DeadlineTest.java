package dev.recount.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.error.RecountException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  @Test
  void pause_isOver_whenTheTimeIs_howeverLittleIsLeft() {
    Deadline deadline = Deadline.after(Duration.ofNanos(900_000));
    deadline.pause(Duration.ofSeconds(10));
    assertThat(deadline.isExpired()).isTrue();
  }

  @Test
  void pause_ofAnInterruptedThread_fails() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> Deadline.after(Duration.ofMinutes(1)).pause(Duration.ofSeconds(10)))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
  }
}
