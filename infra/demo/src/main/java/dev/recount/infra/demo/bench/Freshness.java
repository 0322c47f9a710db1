package dev.recount.infra.demo.bench;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventSchema;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Time from an event's arrival at the broker until a merged query counts it. Probes, events of a
 * page of their own, are sent into the load in order; each time the query counts more of them, the
 * ones that became visible are measured.
 */
final class Freshness {
  private static final String COUNT_PROBES =
      "SELECT MEASURE(views) FROM page_views WHERE page_url = '/probe'";
  private static final long PROBE_INTERVAL_MS = 50;

  private final RecountConfig config;
  private final EventSchema schema;
  private final Clock clock;

  Freshness(RecountConfig config, EventSchema schema, Clock clock) {
    this.config = config;
    this.schema = schema;
    this.clock = clock;
  }

  /** Measures under a load of {@code rate} events a second, after a warm-up under the same load. */
  Percentiles measure(int rate, Duration warmUp, Duration measured) {
    SqlClient client = new SqlClient(config);
    ScheduledExecutorService probing = Executors.newSingleThreadScheduledExecutor();
    List<Long> arrivals = new CopyOnWriteArrayList<>();
    try (LoadGenerator load = new LoadGenerator(config, schema, clock);
        LoadGenerator probes = new LoadGenerator(config, schema, clock)) {
      long end = System.nanoTime() + warmUp.plus(measured).toNanos();
      CompletableFuture<Void> loading =
          CompletableFuture.runAsync(() -> load.sendAtRate(rate, end));
      Deadline.after(warmUp).await(Duration.ofMillis(100), loading::isDone);
      long before = client.number(COUNT_PROBES);
      probing.scheduleAtFixedRate(
          () -> arrivals.add(probes.sendProbe()), 0, PROBE_INTERVAL_MS, TimeUnit.MILLISECONDS);
      Percentiles result = poll(client, arrivals, before, end);
      probing.shutdownNow();
      loading.join();
      return result;
    } finally {
      probing.shutdownNow();
    }
  }

  private Percentiles poll(SqlClient client, List<Long> arrivals, long before, long end) {
    Percentiles percentiles = new Percentiles();
    int seen = 0;
    while (System.nanoTime() < end) {
      int visible = (int) (client.number(COUNT_PROBES) - before);
      long now = clock.millis();
      for (; seen < Math.min(visible, arrivals.size()); seen++) {
        percentiles.add(now - arrivals.get(seen));
      }
    }
    return percentiles;
  }
}
