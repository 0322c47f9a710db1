package dev.recount.infra.pinot;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/**
 * ZooKeeper on the loopback address. A session lasts as long as a process may be kept from its work
 * on a machine that has too much to do: a server whose session is over loads all segments again,
 * and answers are refused meanwhile. What a killed process leaves is removed by its successor.
 */
final class LocalZooKeeper {
  private static final int TICK_MS = 1000;
  private static final int LEAST_SESSION_MS = 2000;
  private static final int LONGEST_SESSION_MS = 30_000;
  private static final int CONNECTIONS = 200;
  private static final int SNAPSHOTS_KEPT = 3;
  private static final int HOURS_BETWEEN_CLEANUPS = 1;

  private final ServerCnxnFactory connections;
  private final DatadirCleanupManager cleanup;

  private LocalZooKeeper(ServerCnxnFactory connections, DatadirCleanupManager cleanup) {
    this.connections = connections;
    this.cleanup = cleanup;
  }

  /**
   * @param broken run once it serves no more, though nobody has stopped it: it could not write, for
   *     want of room on the disk, say
   */
  static LocalZooKeeper start(Map<String, Object> settings, Runnable broken)
      throws IOException, InterruptedException {
    Path folder = Path.of(settings.get("zookeeper.data.dir").toString());
    int port = Integer.parseInt(settings.get("zookeeper.port").toString());
    ZooKeeperServer server =
        new ZooKeeperServer(folder.toFile(), folder.toFile(), TICK_MS) {
          @Override
          protected void setState(State state) {
            super.setState(state);
            if (state == State.ERROR) {
              broken.run();
            }
          }
        };
    server.setMinSessionTimeout(LEAST_SESSION_MS);
    server.setMaxSessionTimeout(LONGEST_SESSION_MS);
    ServerCnxnFactory connections =
        ServerCnxnFactory.createFactory(
            new InetSocketAddress(InetAddress.getByName("localhost"), port), CONNECTIONS);
    connections.startup(server);
    DatadirCleanupManager cleanup =
        new DatadirCleanupManager(
            folder.toFile(), folder.toFile(), SNAPSHOTS_KEPT, HOURS_BETWEEN_CLEANUPS);
    cleanup.start();
    return new LocalZooKeeper(connections, cleanup);
  }

  void stop() {
    cleanup.shutdown();
    connections.shutdown();
  }
}
