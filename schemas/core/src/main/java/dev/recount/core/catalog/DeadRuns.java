package dev.recount.core.catalog;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds runs whose process died, notes them as failed, and gives back the views that they were to
 * compute. Any process may do so, on any host.
 */
public final class DeadRuns {
  /**
   * How long a silent run is watched: after a catalog was away all runs were silent, and those that
   * live report again within this time.
   */
  public static final Duration WATCH = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(DeadRuns.class);

  private final Catalog catalog;
  private final RecountConfig.Batch settings;
  private final LongSupplier nanos;
  private final Map<String, Long> silentSince = new HashMap<>();

  public DeadRuns(Catalog catalog, RecountConfig.Batch settings) {
    this(catalog, settings, System::nanoTime);
  }

  DeadRuns(Catalog catalog, RecountConfig.Batch settings, LongSupplier nanos) {
    this.catalog = catalog;
    this.settings = settings;
    this.nanos = nanos;
  }

  /**
   * Looks at the runs that are under way; to be called again and again by the same object, as only
   * one that stays silent from one look to a later one is dead.
   *
   * @return the runs that were found dead
   */
  public List<String> look() {
    Map<String, Long> silent = new HashMap<>();
    List<String> dead = new ArrayList<>();
    for (RunRow run : catalog.runs().runningRows()) {
      if (run.ageMs() <= HeldLease.SILENCE.toMillis()) {
        continue;
      }
      long since = silentSince.getOrDefault(run.runId(), nanos.getAsLong());
      if (nanos.getAsLong() - since < WATCH.toNanos()) {
        silent.put(run.runId(), since);
      } else if (fail(run, HeldLease.SILENCE)) {
        dead.add(run.runId());
      }
    }
    silentSince.clear();
    silentSince.putAll(silent);
    giveBack();
    return dead;
  }

  /**
   * Notes all runs as failed that are under way: for the one who holds the lease that a run needs.
   * A backfill needs it for its swap only, and so is looked at as {@link #look} does.
   *
   * @return those runs
   */
  public List<String> allAreDead() {
    List<RunRow> running = catalog.runs().runningRows();
    List<String> dead =
        new ArrayList<>(
            running.stream()
                .filter(run -> !run.mode().equals(BatchRun.BACKFILL))
                .filter(run -> fail(run, Duration.ofMillis(-1)))
                .map(RunRow::runId)
                .toList());
    dead.addAll(look());
    if (!silentSince.isEmpty()) {
      Deadline.after(WATCH).pause(WATCH);
      dead.addAll(look());
    }
    return dead;
  }

  /**
   * Notes the backfills of a table as failed that are under way: for the one who holds the lease
   * that they need.
   */
  public void backfillsAreDead(String table) {
    catalog.runs().runningRows().stream()
        .filter(run -> run.mode().equals(BatchRun.BACKFILL))
        .filter(run -> run.report().views().stream().anyMatch(v -> v.table().equals(table)))
        .forEach(run -> fail(run, Duration.ofMillis(-1)));
  }

  private boolean fail(RunRow run, Duration silence) {
    boolean isDead = catalog.runs().failed(run, silence);
    if (isDead) {
      LOG.warn("Run {} is marked failed: {}", run.runId(), run.silent());
    }
    return isDead;
  }

  private void giveBack() {
    catalog
        .requests()
        .giveBackLost(settings.retries(), settings.retryPause())
        .forEach(
            dropped ->
                LOG.warn(
                    "View '{}' is not tried again after {} attempts",
                    dropped.viewName(),
                    dropped.attempt() + 1));
  }
}
