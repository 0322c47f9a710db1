package dev.recount.serving;

import dev.recount.core.Deadline;
import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Commands;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.service.Service;
import dev.recount.ingest.door.Door;
import dev.recount.serving.access.AccessControl;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.http.HttpApi;
import dev.recount.serving.http.Readiness;
import dev.recount.serving.request.Drain;
import io.javalin.Javalin;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** The serving process: the HTTP API. */
@Command(
    name = "serving",
    mixinStandardHelpOptions = true,
    description = "Takes events and answers SQL over HTTP.")
public final class ServingService extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(ServingService.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private ServingService(Clock clock) {
    super("serving", clock, STOP_LIMIT);
  }

  /** Requests have their own time to finish. */
  @Override
  protected Duration stopLimit(RecountConfig config) {
    return super.stopLimit(config)
        .plus(config.serving().drainNotice())
        .plus(config.serving().drainLimit());
  }

  /** Starts the process. */
  public static void main(String[] arguments) {
    Commands.main(new ServingService(Clock.systemUTC()), arguments);
  }

  @Override
  protected void serve(RecountConfig config, Catalog catalog) throws InterruptedException {
    try (Gateway gateway = new Gateway(config, catalog, clock());
        Door door = Door.open(config, catalog, clock());
        Readiness readiness = new Readiness(config, catalog, gateway)) {
      serve(config, catalog, new HttpApi(config, catalog, gateway, door, readiness, clock()));
    }
  }

  private void serve(RecountConfig config, Catalog catalog, HttpApi api)
      throws InterruptedException {
    int port = config.ports().serving();
    AccessControl.prepare(config, catalog);
    Javalin server = api.listen(port);
    try {
      LOG.info("Answering at http://localhost:{}", port);
      config.access().notices().forEach(LOG::warn);
      Loop heart = Loop.start("heartbeat", BEAT, () -> beat(catalog, Map.of("port", port)));
      try {
        awaitStop();
        drain(config.serving(), api.drain());
      } finally {
        heart.close();
      }
    } finally {
      server.stop();
    }
  }

  /** Readiness first, so that new requests go elsewhere; then those that run finish. */
  private static void drain(RecountConfig.Serving settings, Drain drain) {
    drain.announce();
    if (!settings.drainNotice().isZero()) {
      LOG.info("Ending: requests are answered for another {}", settings.drainNotice());
      Deadline notice = Deadline.after(settings.drainNotice());
      notice.pause(settings.drainNotice());
    }
    int left = drain.close(settings.drainLimit());
    if (left > 0) {
      LOG.warn("Ending with {} unfinished requests (serving.drain-limit)", left);
    }
  }
}
