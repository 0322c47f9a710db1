package dev.recount.serving.stream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Very many clients that read whatever they are sent, with one thread. */
final class IdleClients implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Selector selector = Selector.open();
  private final List<SocketChannel> channels = new ArrayList<>();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong ended = new AtomicLong();
  private final Thread reader = new Thread(this::read, "idle-clients");

  IdleClients() throws IOException {
    reader.setDaemon(true);
    reader.start();
  }

  /** Connects one more, and sends its request. */
  void open(int port, String path) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channels.add(channel);
    channel.write(
        ByteBuffer.wrap(
            ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
    channel.configureBlocking(false);
    selector.wakeup();
    channel.register(selector, SelectionKey.OP_READ);
  }

  long bytes() {
    return bytes.get();
  }

  /** How many the server has cut off. */
  long ended() {
    return ended.get();
  }

  /** Of the thread that reads. */
  long threadId() {
    return reader.getId();
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try {
      while (selector.isOpen()) {
        selector.select(key -> take((SocketChannel) key.channel(), key, buffer), 10);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ClosedSelectorException e) {
      return; // The test is over.
    }
  }

  private void take(SocketChannel channel, SelectionKey key, ByteBuffer buffer) {
    try {
      buffer.clear();
      int read = channel.read(buffer);
      if (read < 0) {
        ended.incrementAndGet();
        key.cancel();
      } else {
        bytes.addAndGet(read);
      }
    } catch (IOException e) {
      ended.incrementAndGet();
      key.cancel();
    }
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    selector.close();
  }
}
