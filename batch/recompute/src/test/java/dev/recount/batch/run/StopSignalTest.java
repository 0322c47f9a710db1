package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.BatchRun;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StopSignalTest {
  private final StopSignal stop = new StopSignal();

  @Test
  void wish_interruptsTheRun_andIsItsCause() {
    AtomicInteger cancelled = new AtomicInteger();
    stop.requireNone();
    stop.begin();
    stop.cancelsBy(cancelled::incrementAndGet);
    Thread other = new Thread(() -> stop.request(StopSignal.Kind.CANCELLED, "by hand"));
    other.start();
    assertThatThrownBy(() -> new CountDownLatch(1).await())
        .isInstanceOf(InterruptedException.class);
    stop.request(StopSignal.Kind.ENDING, "later");

    assertThat(cancelled).hasValue(1);
    assertThat(stop.kind()).isEqualTo(StopSignal.Kind.CANCELLED);
    assertThatThrownBy(stop::requireNone)
        .hasMessage("Cannot finish the run: by hand; the old answers stay")
        .extracting("code")
        .hasToString("BATCH_CANCELLED");
  }

  @Test
  void wishBeforeTheRunBegan_interruptsItToo_andNothingIsInterruptedAfterItsEnd() {
    AtomicInteger cancelled = new AtomicInteger();
    stop.request(StopSignal.Kind.LOST, "taken for dead");
    stop.begin();
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    stop.cancelsBy(cancelled::incrementAndGet);
    assertThat(cancelled).hasValue(1);
    stop.end();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThatThrownBy(stop::requireNone).extracting("code").hasToString("BATCH_FAILED");

    StopSignal late = new StopSignal();
    late.begin();
    late.end();
    late.request(StopSignal.Kind.ENDING, "late");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void kinds_areRememberedAsWhatTheyAre() {
    assertThat(StopSignal.Kind.CANCELLED.status()).isEqualTo(BatchRun.CANCELLED);
    assertThat(StopSignal.Kind.ENDING.status()).isEqualTo(BatchRun.CANCELLED);
    assertThat(StopSignal.Kind.LOST.status()).isEqualTo(BatchRun.FAILED);
  }
}
