package dev.recount.core.service;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;

/**
 * A process that works until it is asked to stop (SIGTERM): waits for the catalog as long as it
 * takes, serves, and finishes what it has started before the process ends.
 */
public abstract class Service implements Callable<Integer> {
  /** Between two heartbeats. */
  protected static final Duration BEAT = Duration.ofSeconds(1);

  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  @Mixin private HomeOptions options;

  private final String name;
  private final Clock clock;
  private final Duration stopLimit;
  private final long startedMs;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * @param name among the heartbeats
   * @param stopLimit how long it may take to stop
   */
  protected Service(String name, Clock clock, Duration stopLimit) {
    this.name = name;
    this.clock = clock;
    this.stopLimit = stopLimit;
    this.startedMs = clock.millis();
  }

  /** Whatever must be right, or there, before the catalog is waited for. */
  protected void prepare(RecountConfig config) {}

  /** Works until {@link #awaitStop} returns, and ends what it has begun. */
  protected abstract void serve(RecountConfig config, Catalog catalog) throws Exception;

  @Override
  public final Integer call() throws Exception {
    RecountConfig config = options.config();
    Duration limit = stopLimit(config);
    onShutdown(() -> stop(limit), limit);
    try {
      prepare(config);
      Catalog opened = awaitCatalog(config);
      if (opened != null) {
        try (Catalog catalog = opened) {
          serve(config, catalog);
        }
      }
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  /** How long it may take to stop. */
  protected Duration stopLimit(RecountConfig config) {
    return stopLimit;
  }

  /** Makes the process run something, for a limited time, when it is asked to stop. */
  protected void onShutdown(Runnable work, Duration limit) {
    Runtime.getRuntime().addShutdownHook(new Thread(work, name + "-stop"));
  }

  /** Null if the process is asked to stop before. */
  private Catalog awaitCatalog(RecountConfig config) throws InterruptedException {
    boolean isSaid = false;
    do {
      try {
        return Catalog.open(config);
      } catch (RecountException e) {
        if (e.code() != ErrorCode.CATALOG_UNAVAILABLE) {
          throw e;
        }
        if (!isSaid) {
          LOG.warn("Waiting for the catalog: {}", e.getMessage());
          isSaid = true;
        }
      }
    } while (!stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS));
    return null;
  }

  protected final Clock clock() {
    return clock;
  }

  protected final void awaitStop() throws InterruptedException {
    stopping.await();
  }

  /**
   * Says that the process lives.
   *
   * @param detail what it says of itself, as JSON will have it
   */
  protected final void beat(Catalog catalog, Object detail) {
    beat(catalog, name, detail);
  }

  /** Says that the process lives, under another name than its own. */
  protected final void beat(Catalog catalog, String as, Object detail) {
    catalog
        .services()
        .beat(
            Heartbeat.of(
                as, ProcessHandle.current().pid(), startedMs, clock.millis(), Json.write(detail)));
  }

  private void stop(Duration limit) {
    stopping.countDown();
    try {
      if (!stopped.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("Stopping with unfinished work; the next start resumes it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
