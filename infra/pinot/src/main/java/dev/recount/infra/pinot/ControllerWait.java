package dev.recount.infra.pinot;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/**
 * Waits until a controller has made the cluster: a role that begins before fails. So its process
 * may be launched at the same time as the controller's, and loads its classes meanwhile.
 */
final class ControllerWait implements Watcher {
  private static final int SESSION_MS = 10_000;
  private static final int LIMIT_MINUTES = 3;

  private final String path;
  private final CountDownLatch there = new CountDownLatch(1);
  private ZooKeeper zookeeper;

  private ControllerWait(String path) {
    this.path = path;
  }

  /**
   * @throws IllegalStateException if there is none for minutes
   */
  static void await(Map<String, Object> settings) throws IOException, InterruptedException {
    String address = settings.get("pinot.zk.server").toString();
    ControllerWait wait = new ControllerWait(LeftBehind.controller(settings));
    ZooKeeper zookeeper = wait.connect(address);
    try {
      if (!wait.there.await(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException(
            "Cannot join the cluster: no controller is at " + address + wait.path);
      }
    } finally {
      zookeeper.close();
    }
  }

  /** Events wait until there is something to ask. */
  private synchronized ZooKeeper connect(String address) throws IOException {
    zookeeper = new ZooKeeper(address, SESSION_MS, this);
    return zookeeper;
  }

  /** Connected, it looks; what it does not find, it is told of. */
  @Override
  public synchronized void process(WatchedEvent event) {
    if (event.getType() == Event.EventType.NodeCreated) {
      there.countDown();
    } else if (event.getState() == Event.KeeperState.SyncConnected) {
      zookeeper.exists(path, this, (code, asked, context, found) -> look(code), null);
    }
  }

  private void look(int code) {
    if (code == KeeperException.Code.OK.intValue()) {
      there.countDown();
    }
  }
}
