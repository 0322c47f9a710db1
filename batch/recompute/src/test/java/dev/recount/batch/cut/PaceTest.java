package dev.recount.batch.cut;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** All who read share one pace. */
class PaceTest {
  @Test
  void events_areReadNoFaster_howeverManyRead() throws Exception {
    Pace pace = new Pace(10_000);
    ExecutorService readers = Executors.newFixedThreadPool(4);
    List<Future<?>> reading = new ArrayList<>();
    long begun = System.nanoTime();
    for (int i = 0; i < 4; i++) {
      reading.add(
          readers.submit(
              () -> {
                for (int batch = 0; batch < 10; batch++) {
                  pace.await(100);
                }
              }));
    }
    for (Future<?> reader : reading) {
      reader.get();
    }
    readers.shutdown();
    // The last batch is handed out before its time has passed.
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isGreaterThanOrEqualTo(Duration.ofMillis(10 * (40 - 1)));
  }
}
