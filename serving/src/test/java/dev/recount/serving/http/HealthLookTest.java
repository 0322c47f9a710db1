package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HealthLookTest {
  private static final Readiness.State UP = new Readiness.State(Map.of("kafka", true), List.of());

  @Test
  @Timeout(60)
  void manyThatAsk_causeOneLook_andFewWaitForIt() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    HealthLook look =
        new HealthLook(
            "test",
            () -> {
              looks.incrementAndGet();
              release.await();
              return UP;
            },
            Duration.ofMinutes(10));
    CountDownLatch refused = new CountDownLatch(100 - HealthLook.MOST_WAITING);
    AtomicInteger up = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, 100)
            .mapToObj(
                i ->
                    new Thread(
                        () -> {
                          if (look.now().isUp()) {
                            up.incrementAndGet();
                          } else {
                            refused.countDown();
                          }
                        }))
            .toList();
    threads.forEach(Thread::start);
    refused.await();
    assertThat(looks).hasValue(1);
    release.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(up).hasValue(HealthLook.MOST_WAITING);
    assertThat(look.now().isUp()).isTrue();
  }

  @Test
  void whatDoesNotAnswerInTime_isDown() {
    HealthLook look =
        new HealthLook(
            "test",
            () -> {
              new CountDownLatch(1).await();
              return UP;
            },
            Duration.ofMillis(10));
    assertThat(look.now().isUp()).isFalse();
  }
}
