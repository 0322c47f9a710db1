package dev.recount.core.catalog;

import dev.recount.core.config.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port for a catalog's server that nobody takes before it is served: the system gives those above
 * to whoever connects, and the stacks of other modules' tests have those below.
 */
final class FreePorts {
  private static final int LEAST = 26_100;
  private static final int MOST = 32_000;
  private static final int TRIES = 100;

  private FreePorts() {}

  /** A base of ports of which the catalog's is free. */
  static int base() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int base = ThreadLocalRandom.current().nextInt(LEAST, MOST);
      if (isFree(new Ports(base).catalog())) {
        return base;
      }
    }
    throw new IOException("Cannot find a free port");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
