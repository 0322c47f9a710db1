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
        .hasMessage(
            "Cannot finish the run: by hand; the old answers stay where no new ones are served yet")
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
  void wishOnceAllIsServed_changesNothing_unlessTheRunWasLost() {
    stop.begin();
    stop.request(StopSignal.Kind.CANCELLED, "a moment too late");
    stop.published();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    stop.request(StopSignal.Kind.ENDING, "later still");
    stop.requireNone();
    assertThat(stop.kind()).isNull();

    stop.request(StopSignal.Kind.LOST, "taken for dead");
    stop.end();
    assertThat(stop.kind()).isEqualTo(StopSignal.Kind.LOST);
  }

  @Test
  void sparkThatIsStopped_doesNotKeepARunFromEnding() {
    stop.begin();
    stop.cancelsBy(
        () -> {
          throw new IllegalStateException("Cannot call methods on a stopped SparkContext");
        });
    stop.request(StopSignal.Kind.ENDING, "told to end");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(stop.kind()).isEqualTo(StopSignal.Kind.ENDING);
  }

  @Test
  void kinds_areRememberedAsWhatTheyAre() {
    assertThat(StopSignal.Kind.CANCELLED.status()).isEqualTo(BatchRun.CANCELLED);
    assertThat(StopSignal.Kind.ENDING.status()).isEqualTo(BatchRun.CANCELLED);
    assertThat(StopSignal.Kind.LOST.status()).isEqualTo(BatchRun.FAILED);
  }
}
