package dev.recount.infra.pinot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a role that was killed has left in ZooKeeper, which would be there until its session is
 * over: Pinot waits for that, and some seconds more, before it starts. Whoever has the role's ports
 * is the only one of its name, so what it finds there is of one that is gone.
 */
final class LeftBehind {
  private static final Logger LOG = LoggerFactory.getLogger(LeftBehind.class);
  private static final int SESSION_MS = 10_000;
  private static final int ANY_VERSION = -1;

  private LeftBehind() {}

  /** Removes what is left of a role; if that does not work, the role waits. */
  static void remove(Map<String, Object> settings, String role) throws InterruptedException {
    CountDownLatch connected = new CountDownLatch(1);
    Watcher watcher =
        event -> {
          if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
            connected.countDown();
          }
        };
    try {
      ZooKeeper zookeeper =
          new ZooKeeper(settings.get("pinot.zk.server").toString(), SESSION_MS, watcher);
      try {
        if (connected.await(SESSION_MS, TimeUnit.MILLISECONDS)) {
          for (String path : paths(settings, role)) {
            remove(zookeeper, path);
          }
        }
      } finally {
        zookeeper.close();
      }
    } catch (IOException | KeeperException e) {
      LOG.warn("Cannot remove what an earlier {} left in ZooKeeper: {}", role, e.toString());
    }
  }

  private static void remove(ZooKeeper zookeeper, String path)
      throws KeeperException, InterruptedException {
    try {
      zookeeper.delete(path, ANY_VERSION);
      LOG.info("Removed {}, which is of an earlier process", path);
    } catch (KeeperException.NoNodeException e) {
      LOG.debug("Nothing is left at {}", path);
    }
  }

  /** Where ZooKeeper has the controller while it is alive. */
  static String controller(Map<String, Object> settings) {
    return "/%s/LIVEINSTANCES/Controller_localhost_%s"
        .formatted(settings.get("pinot.cluster.name"), settings.get("controller.port"));
  }

  private static List<String> paths(Map<String, Object> settings, String role) {
    String cluster = "/" + settings.get("pinot.cluster.name");
    String live = cluster + "/LIVEINSTANCES/";
    List<String> paths = new ArrayList<>();
    switch (role) {
      case "controller" -> {
        paths.add(controller(settings));
        paths.add(cluster + "/CONTROLLER/LEADER");
      }
      case "broker" ->
          paths.add(live + "Broker_localhost_" + settings.get("pinot.broker.client.queryPort"));
      default -> paths.add(live + "Server_localhost_" + settings.get("pinot.server.netty.port"));
    }
    return paths;
  }
}
