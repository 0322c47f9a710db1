package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GateTest {
  private final Gate gate = new Gate();

  @Test
  void oneAtATime_passes() throws InterruptedException {
    gate.enter();
    assertThat(gate.tryEnter()).isFalse();
    assertThat(gate.tryEnter(Duration.ofMillis(1))).isFalse();
    gate.leave();
    assertThat(gate.tryEnter()).isTrue();
  }

  @Test
  void whoWaits_passesWhenTheOtherLeaves() throws Exception {
    gate.enter();
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(this::enter);
    gate.leave();
    waiting.get(1, TimeUnit.MINUTES);
    assertThat(gate.tryEnter()).isFalse();
  }

  /** Whose interrupt was lost. */
  @Test
  void whoWaitsAtAGateThatCloses_givesUp() throws Exception {
    gate.enter();
    CompletableFuture<Void> waiting = CompletableFuture.runAsync(this::enter);
    gate.close();
    assertThatThrownBy(() -> waiting.get(1, TimeUnit.MINUTES))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(InterruptedException.class);
  }

  private void enter() {
    try {
      gate.enter();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
