package dev.recount.infra.pinot;

import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.apache.pinot.core.transport.QueryServer;
import org.apache.pinot.server.starter.ServerInstance;
import org.apache.pinot.server.starter.helix.HelixServerStarter;

/**
 * A Pinot server that other machines cannot reach. Pinot 0.11 lets every address but one be set:
 * its query port listens on all of them, and takes requests (scripts among them) from anybody.
 */
final class LoopbackServerStarter extends HelixServerStarter {
  /**
   * A server socket of Netty that is bound to the loopback address, whatever address is requested.
   */
  public static final class LoopbackChannel extends NioServerSocketChannel {
    @Override
    protected void doBind(SocketAddress asked) throws Exception {
      int port = ((InetSocketAddress) asked).getPort();
      super.doBind(new InetSocketAddress(InetAddress.getByName("localhost"), port));
    }
  }

  /** To be called after {@code init}: the query server is made, and not yet started, by then. */
  void listenOnLoopback() {
    _helixManager.addPreConnectCallback(
        () -> {
          Object queryServer = get(ServerInstance.class, "_nettyQueryServer", getServerInstance());
          set(QueryServer.class, "_channelClass", queryServer, LoopbackChannel.class);
        });
  }

  private static Object get(Class<?> type, String name, Object owner) {
    try {
      return field(type, name).get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void set(Class<?> type, String name, Object owner, Object value) {
    try {
      field(type, name).set(owner, value);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Field field(Class<?> type, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException(e);
    }
  }
}
