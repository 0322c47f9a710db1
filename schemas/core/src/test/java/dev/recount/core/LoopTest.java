package dev.recount.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopTest {
  private static final Duration PAUSE = Duration.ofMillis(1);

  private final AtomicInteger turns = new AtomicInteger();
  private final Queue<VirtualMachineError> ended = new ConcurrentLinkedQueue<>();

  private Loop loop(Loop.Turn turn) {
    Loop loop = new Loop("test", PAUSE, turn, ended::add);
    loop.begin();
    return loop;
  }

  private static void await(String thing, java.util.function.BooleanSupplier condition) {
    Deadline.after(Duration.ofMinutes(2)).require(thing, PAUSE, condition);
  }

  @Test
  void anythingThrown_theNextTurnComes_andTheProblemIsKnownUntilThen() {
    Throwable[] thrown = {
      new IllegalStateException("a"),
      new java.io.IOException("b"),
      new NoClassDefFoundError("c"),
      new StackOverflowError("d"),
      new AssertionError("e")
    };
    CountDownLatch mended = new CountDownLatch(1);
    Loop loop =
        loop(
            () -> {
              int turn = turns.getAndIncrement();
              if (turn < thrown.length) {
                sneak(thrown[turn]);
              }
              if (mended.getCount() > 0) {
                throw new IllegalStateException("not yet");
              }
            });
    try (loop) {
      await("a turn after all failures", () -> turns.get() > thrown.length + 1);
      assertThat(loop.problem()).contains("not yet");
      assertThat(ended).isEmpty();
      mended.countDown();
      await("no problem", () -> loop.problem().isEmpty());
    }
  }

  @Test
  void memoryExhausted_endsTheProcess() {
    try (Loop loop =
        loop(
            () -> {
              throw new OutOfMemoryError("of a test");
            })) {
      await("the end of the process", () -> !ended.isEmpty());
      await("the problem", () -> loop.problem().isPresent());
      assertThat(ended.peek()).hasMessage("of a test");
      assertThat(loop.problem()).contains("of a test");
    }
  }

  @Test
  void turnThatLeavesTheThreadInterrupted_othersFollow() {
    try (Loop loop =
        loop(
            () -> {
              turns.incrementAndGet();
              Thread.currentThread().interrupt();
            })) {
      await("other turns", () -> turns.get() > 3);
      assertThat(loop.problem()).isEmpty();
    }
  }

  @Test
  void closed_interruptsTheTurnAndEnds() throws InterruptedException {
    CountDownLatch began = new CountDownLatch(1);
    Loop loop =
        loop(
            () -> {
              began.countDown();
              new CountDownLatch(1).await();
            });
    assertThat(began.await(2, TimeUnit.MINUTES)).isTrue();
    loop.close();
    assertThat(loop.join(Duration.ofMinutes(2))).isTrue();
    assertThat(loop.problem()).isEmpty();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable e) throws T {
    throw (T) e;
  }
}
