package dev.recount.core.catalog;

import dev.recount.core.cli.Commands;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.tools.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The local stack's catalog: H2 as a process of its own, on the loopback address only. */
@Command(
    name = "catalog",
    mixinStandardHelpOptions = true,
    description = "Serves the catalog (H2).")
public final class CatalogServer implements Callable<Integer> {
  /** Longer than any statement takes; a database that says nothing for so long is away. */
  static final Duration ANSWER = Duration.ofSeconds(15);

  private static final Logger LOG = LoggerFactory.getLogger(CatalogServer.class);
  private static final Duration LOOK = Duration.ofSeconds(5);
  private static final Duration LOOK_FOR_ROOM = Duration.ofSeconds(1);

  @Mixin private HomeOptions options;

  public static void main(String[] arguments) {
    Commands.main(new CatalogServer(), arguments);
  }

  /**
   * Where the local stack's catalog answers. Commits are on disk before they return. A process that
   * takes connections and answers nothing is a catalog that is away.
   */
  static String url(RecountConfig config) {
    return "jdbc:h2:tcp://localhost:"
        + config.ports().catalog()
        + "/"
        + CatalogPassword.DATABASE
        + ";WRITE_DELAY=0;NETWORK_TIMEOUT="
        + ANSWER.toMillis();
  }

  @Override
  public Integer call() throws Exception {
    RecountConfig config = options.config();
    CountDownLatch stopping = new CountDownLatch(1);
    AtomicReference<Server> started = new AtomicReference<>();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stopping.countDown();
                  Optional.ofNullable(started.get()).ifPresent(Server::stop);
                },
                "catalog-stop"));
    if (!awaitRoom(config, stopping)) {
      return 0;
    }
    Server server = start(config);
    started.set(server);
    CatalogProbe probe = new CatalogProbe(config, url(config));
    while (!stopping.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
      requireRunning(server, config);
      probe.look();
    }
    return 0;
  }

  /**
   * A database that is opened on a full disk breaks at once.
   *
   * @return false if the process is told to end
   */
  private static boolean awaitRoom(RecountConfig config, CountDownLatch stopping)
      throws InterruptedException {
    boolean isTold = false;
    while (true) {
      Optional<String> problem = CatalogRoom.problem(config);
      if (problem.isEmpty()) {
        return true;
      }
      if (!isTold) {
        LOG.error("{}: Cannot serve the catalog: {}", ErrorCode.DISK_FULL, problem.get());
        isTold = true;
      }
      if (stopping.await(LOOK_FOR_ROOM.toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
  }

  /** H2 takes connections in a thread of its own, which may end while the process continues. */
  private static void requireRunning(Server server, RecountConfig config) {
    if (!server.isRunning(true)) {
      throw RecountException.of(
          ErrorCode.INTERNAL,
          "Cannot keep serving the catalog on port %s: H2 no longer accepts connections; "
              + "restart it (recount up)",
          config.ports().catalog());
    }
  }

  /** Starts the server in this process: no new databases, and none outside the home. */
  static Server start(RecountConfig config) {
    String folder = config.home().catalog().toString();
    System.setProperty("h2.bindAddress", "127.0.0.1");
    System.setProperty("h2.baseDir", folder);
    try {
      Files.createDirectories(config.home().catalog());
    } catch (IOException e) {
      throw FileErrors.cannot("make the folder", config.home().catalog(), e);
    }
    new CatalogPassword(config).settle();
    try {
      return Server.createTcpServer(
              "-tcpPort", String.valueOf(config.ports().catalog()), "-baseDir", folder, "-ifExists")
          .start();
    } catch (SQLException e) {
      throw RecountException.of(
          ErrorCode.PORT_TAKEN,
          e,
          "Cannot serve the catalog on port %s: %s; move all ports with --port-base",
          config.ports().catalog(),
          e.getMessage());
    }
  }
}
