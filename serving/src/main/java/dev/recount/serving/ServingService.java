package dev.recount.serving;

import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.cli.Commands;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.door.Door;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.http.HttpApi;
import dev.recount.serving.http.Readiness;
import io.javalin.Javalin;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The serving process: the HTTP API on the loopback address. */
@Command(
    name = "serving",
    mixinStandardHelpOptions = true,
    description = "Takes events and answers SQL over HTTP.")
public final class ServingService implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServingService.class);
  private static final String NAME = "serving";
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofMillis(500);

  @Mixin private HomeOptions options;

  private final Clock clock = Clock.systemUTC();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** Starts the process. */
  public static void main(String[] arguments) {
    Commands.main(new ServingService(), arguments);
  }

  @Override
  public Integer call() throws Exception {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "serving-stop"));
    RecountConfig config = options.config();
    Catalog opened = openCatalog(config);
    if (opened == null) {
      stopped.countDown();
      return 0;
    }
    try (Catalog catalog = opened;
        Gateway gateway = new Gateway(config, catalog, clock);
        Door door = Door.open(config, catalog, clock);
        Readiness readiness = new Readiness(config, catalog, gateway)) {
      serve(config, catalog, new HttpApi(config, catalog, gateway, door, readiness, clock));
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  private void serve(RecountConfig config, Catalog catalog, HttpApi api)
      throws InterruptedException {
    Javalin server = api.server();
    long startedMs = clock.millis();
    try {
      server.start("127.0.0.1", config.ports().serving());
      LOG.info("Answering at http://localhost:{}", config.ports().serving());
      Loop heart = Loop.start("heartbeat", BEAT, () -> beat(catalog, config, startedMs));
      try {
        stopping.await();
      } finally {
        heart.close();
      }
    } finally {
      server.stop();
    }
  }

  private void beat(Catalog catalog, RecountConfig config, long startedMs) {
    catalog
        .services()
        .beat(
            Heartbeat.of(
                NAME,
                ProcessHandle.current().pid(),
                startedMs,
                clock.millis(),
                "{\"port\":" + config.ports().serving() + "}"));
  }

  /** Waits for the catalog as long as it takes; null where the process is stopped before. */
  private Catalog openCatalog(RecountConfig config) throws InterruptedException {
    boolean isSaid = false;
    do {
      try {
        return Catalog.open(config);
      } catch (RecountException e) {
        if (e.code() != ErrorCode.CATALOG_UNAVAILABLE) {
          throw e;
        }
        if (!isSaid) {
          LOG.warn("{}; waiting for it", e.getMessage());
          isSaid = true;
        }
      }
    } while (!stopping.await(RETRY.toMillis(), TimeUnit.MILLISECONDS));
    return null;
  }

  private void stop() {
    stopping.countDown();
    try {
      stopped.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
