package dev.recount.infra.pinot;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.pinot.broker.broker.helix.HelixBrokerStarter;
import org.apache.pinot.common.function.FunctionRegistry;
import org.apache.pinot.controller.ControllerStarter;
import org.apache.pinot.spi.env.PinotConfiguration;
import org.apache.pinot.spi.services.ServiceStartable;
import org.slf4j.LoggerFactory;

/**
 * Some of Pinot's roles in one process. The first argument is a properties file with the settings
 * of all roles; the others are the roles, started in the order given and stopped in reverse: {@code
 * zookeeper}, {@code controller}, {@code broker}, {@code server}.
 */
public final class PinotServers {
  private static final List<String> ROLES = List.of("zookeeper", "controller", "broker", "server");

  private final Map<String, Object> settings;
  private final Deque<Runnable> stops = new ArrayDeque<>();

  private PinotServers(Map<String, Object> settings) {
    this.settings = settings;
  }

  /** Runs until SIGTERM; a role that cannot start ends the process. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 2) {
      System.err.println(
          "Cannot start Pinot: a properties file and at least one role of " + ROLES + " needed");
      System.exit(2);
    }
    Thread.setDefaultUncaughtExceptionHandler(PinotServers::threadEnded);
    PinotServers servers = new PinotServers(read(Path.of(arguments[0])));
    Runtime.getRuntime().addShutdownHook(new Thread(servers::stop, "pinot-stop"));
    try {
      List<String> roles = List.of(arguments).subList(1, arguments.length);
      if (!roles.contains("controller")) {
        // Takes a while, and needs nothing.
        FunctionRegistry.init();
        ControllerWait.await(servers.settings);
      }
      for (String role : roles) {
        servers.start(role);
      }
    } catch (Exception | LinkageError e) {
      LoggerFactory.getLogger(PinotServers.class).error("Cannot start Pinot", e);
      System.exit(1);
    }
    new CountDownLatch(1).await();
  }

  /**
   * A segment that consumes is written to a mapped file. If its disk is full, that is an {@link
   * InternalError} of the virtual machine, which ends the thread and not the process: Pinot says
   * that it still consumes, for ever.
   */
  private static void threadEnded(Thread thread, Throwable cause) {
    LoggerFactory.getLogger(PinotServers.class).error("Thread {} ended", thread.getName(), cause);
    if (cause instanceof VirtualMachineError) {
      end("thread " + thread.getName() + " ended (" + cause + "); is the disk full?");
    }
  }

  /**
   * Ends the process, to be started again: what is broken cannot be mended in it. The roles are not
   * stopped, as they might wait for what is broken.
   */
  private static void end(String reason) {
    String text = "Cannot keep serving Pinot: " + reason;
    LoggerFactory.getLogger(PinotServers.class).error(text);
    System.err.println(text);
    Runtime.getRuntime().halt(1);
  }

  private static Map<String, Object> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    Map<String, Object> settings = new HashMap<>();
    properties.stringPropertyNames().forEach(k -> settings.put(k, properties.getProperty(k)));
    return settings;
  }

  private void start(String role) throws Exception {
    if (role.equals("zookeeper")) {
      LocalZooKeeper zookeeper =
          LocalZooKeeper.start(settings, () -> end("ZooKeeper broke; is its disk full?"));
      stopLater(zookeeper::stop);
      return;
    }
    LeftBehind.remove(settings, role);
    ServiceStartable startable = startable(role);
    startable.init(new PinotConfiguration(settings));
    if (startable instanceof LoopbackServerStarter server) {
      server.listenOnLoopback();
    }
    stopLater(startable::stop);
    startable.start();
  }

  private static ServiceStartable startable(String role) {
    return switch (role) {
      case "controller" -> new ControllerStarter();
      case "broker" -> new HelixBrokerStarter();
      case "server" -> new LoopbackServerStarter();
      default ->
          throw new IllegalArgumentException(
              "Cannot start role '" + role + "': the roles are " + ROLES);
    };
  }

  private synchronized void stopLater(Runnable stop) {
    stops.push(stop);
  }

  private synchronized void stop() {
    while (!stops.isEmpty()) {
      try {
        stops.pop().run();
      } catch (RuntimeException e) {
        System.err.println("A role did not stop cleanly: " + e);
      }
    }
  }
}
