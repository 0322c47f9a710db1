package dev.recount.speed.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.speed.SpeedStack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.generic.GenericRecord;

/**
 * Prints how long events take from their arrival at the broker until a query of Pinot's broker
 * counts them, at a steady rate; then how fast the speed layer catches up after a stop.
 *
 * <p>Arguments: port base, events a second, seconds of warm-up, seconds measured, events to catch
 * up with.
 */
public final class SpeedBench {
  private static final Clock CLOCK = Clock.systemUTC();

  private final SpeedStack stack;
  private final int rate;
  private final long[] arrivals;
  private final long[] visible;
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final Random random = new Random(7);

  private SpeedBench(SpeedStack stack, int rate, int total) {
    this.stack = stack;
    this.rate = rate;
    this.arrivals = new long[total];
    this.visible = new long[total];
  }

  public static void main(String[] arguments) throws Exception {
    int portBase = Integer.parseInt(arguments[0]);
    int rate = Integer.parseInt(arguments[1]);
    int warmUp = Integer.parseInt(arguments[2]);
    int seconds = Integer.parseInt(arguments[3]);
    int backlog = Integer.parseInt(arguments[4]);
    Path home = Files.createTempDirectory("recount-speed-bench");
    try (SpeedStack stack = SpeedStack.start(home, portBase)) {
      stack.stack().start("speed");
      SpeedBench bench = new SpeedBench(stack, rate, rate * (warmUp + seconds));
      bench.freshness(warmUp);
      if (backlog > 0) {
        bench.catchUp(backlog);
      }
    }
  }

  private void freshness(int warmUp) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Thread poller = new Thread(() -> poll(done), "poller");
    poller.start();
    produce();
    done.await(60, TimeUnit.SECONDS);
    poller.interrupt();
    poller.join();
    long[] sorted = arrivals.clone();
    Arrays.sort(sorted);
    int from = rate * warmUp;
    long[] delays = new long[sorted.length - from];
    int counted = 0;
    for (int i = from; i < sorted.length; i++) {
      if (visible[i] > 0) {
        delays[counted++] = visible[i] - sorted[i];
      }
    }
    delays = Arrays.copyOf(delays, counted);
    Arrays.sort(delays);
    System.out.printf(
        "freshness at %d events/s: p50 %d ms, p90 %d ms, p99 %d ms, max %d ms (%d of %d seen)%n",
        rate,
        delays[counted / 2],
        delays[(int) (counted * 0.9)],
        delays[(int) (counted * 0.99)],
        delays[counted - 1],
        counted,
        sorted.length - from);
    System.out.println(stack.facts());
  }

  private void produce() {
    long startNanos = System.nanoTime();
    for (int i = 0; i < arrivals.length; i++) {
      int index = i;
      stack.send(
          pageView(),
          (metadata, e) -> {
            arrivals[index] = metadata.timestamp();
            acknowledged.incrementAndGet();
          });
      long dueNanos = startNanos + (long) i * 1_000_000_000L / rate;
      while (System.nanoTime() < dueNanos) {
        LockSupport.parkNanos(1_000_000);
      }
    }
    stack.flush();
  }

  private void poll(CountDownLatch done) {
    int seen = 0;
    long nextPrintMs = CLOCK.millis() + 5_000;
    while (seen < visible.length && !Thread.currentThread().isInterrupted()) {
      long count = count();
      long nowMs = CLOCK.millis();
      while (seen < Math.min(count, visible.length)) {
        visible[seen++] = nowMs;
      }
      if (nowMs > nextPrintMs) {
        nextPrintMs = nowMs + 5_000;
        System.out.println("behind " + (acknowledged.get() - count) + " " + stack.facts());
      }
      LockSupport.parkNanos(Duration.ofMillis(40).toNanos());
    }
    done.countDown();
  }

  /** The events that all three views count. */
  private long count() {
    return Math.min(
        count("page_views_v1_REALTIME", "views"),
        Math.min(
            count("traffic_v1_REALTIME", "requests"), count("visitors_v1_REALTIME", "requests")));
  }

  private long count(String table, String column) {
    JsonNode row = stack.row("SELECT SUM(" + column + ") FROM " + table);
    return row == null ? 0 : Math.max(0, (long) row.get(0).asDouble());
  }

  private void catchUp(int backlog) {
    stack.stack().stop("speed");
    long before = count();
    for (int i = 0; i < backlog; i++) {
      stack.send(pageView(), null);
    }
    stack.flush();
    stack.stack().start("speed");
    long first = await(before + 1);
    long startNanos = System.nanoTime();
    await(before + backlog);
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    long left = before + backlog - first;
    System.out.printf(
        "catch-up: %d events after the first micro-batch in %.1f s, %.0f events/s%n",
        left, seconds, left / seconds);
  }

  private long await(long count) {
    long seen = count();
    while (seen < count) {
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      seen = count();
    }
    return seen;
  }

  private GenericRecord pageView() {
    GenericRecord event = stack.event();
    event.put("event_time", CLOCK.millis() - random.nextInt(60_000));
    event.put("event_id", Long.toHexString(random.nextLong()));
    event.put("ip_address", "10.0." + random.nextInt(64) + "." + random.nextInt(256));
    event.put("session_id", "s" + random.nextInt(50_000));
    event.put("page_url", "/page/" + (int) Math.abs(random.nextGaussian() * 150));
    event.put("referrer", "https://example.org/" + random.nextInt(1000));
    event.put("browser", BROWSERS[random.nextInt(BROWSERS.length)]);
    event.put("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101");
    event.put("method", "GET");
    event.put("status", random.nextInt(20) == 0 ? 404 : 200);
    event.put("bytes", (long) random.nextInt(100_000));
    return event;
  }

  private static final String[] BROWSERS = {"Firefox", "Chrome", "Safari", "Edge"};
}
