package dev.recount.serving.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HealthLookTest {
  @Test
  @Timeout(60)
  void manyThatAsk_causeOneLook_andFewWaitForIt() throws InterruptedException {
    AtomicInteger looks = new AtomicInteger();
    CountDownLatch release = new CountDownLatch(1);
    HealthLook<Boolean> look =
        new HealthLook<>(
            "test",
            () -> {
              looks.incrementAndGet();
              release.await();
              return true;
            },
            false,
            Duration.ofMinutes(10));
    CountDownLatch refused = new CountDownLatch(100 - HealthLook.MOST_WAITING);
    AtomicInteger up = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, 100)
            .mapToObj(
                i ->
                    new Thread(
                        () -> {
                          if (look.now()) {
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
    assertThat(look.now()).isTrue();
  }

  @Test
  void whatDoesNotAnswerInTime_isDown() {
    HealthLook<Boolean> look =
        new HealthLook<>(
            "test",
            () -> {
              new CountDownLatch(1).await();
              return true;
            },
            false,
            Duration.ofMillis(10));
    assertThat(look.now()).isFalse();
  }
}
