package dev.recount.serving.stream;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to one client as fast as it takes, and holds up nobody: while it takes nothing, nothing is
 * asked for and nothing is kept for it. Thread-safe.
 */
final class EventStream implements WriteListener, AsyncListener {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private final AsyncContext context;
  private final ServletOutputStream out;
  private final Supplier<byte[]> next;
  private final Runnable ended;
  private boolean isUnflushed;
  private boolean isEnded;

  /**
   * A stream that writes nothing yet.
   *
   * @param context of a response whose headers are set
   * @param next what to write next; null if there is nothing now
   * @param ended is called once, when the client is gone or the stream is closed, and completes the
   *     response
   */
  EventStream(AsyncContext context, Supplier<byte[]> next, Runnable ended) throws IOException {
    this.context = context;
    this.out = context.getResponse().getOutputStream();
    this.next = next;
    this.ended = ended;
  }

  /** Begins to write, and goes on whenever the client takes more. */
  void begin() {
    context.setTimeout(0);
    context.addListener(this);
    out.setWriteListener(this);
  }

  /** To be called when there may be more to write. */
  void wake() {
    boolean isGone = false;
    synchronized (this) {
      try {
        write();
      } catch (IOException | RuntimeException e) {
        // The client is gone, or its connection is; what else it was, nobody is left to be told.
        LOG.debug("A stream ends: {}", e.toString());
        isGone = true;
      }
    }
    if (isGone) {
      close();
    }
  }

  private void write() throws IOException {
    while (!isEnded && out.isReady()) {
      if (isUnflushed) {
        isUnflushed = false;
        out.flush();
        continue;
      }
      byte[] bytes = next.get();
      if (bytes == null) {
        return;
      }
      out.write(bytes);
      isUnflushed = true;
    }
  }

  /** Ends it; what a client has not taken yet is lost to it. */
  void close() {
    synchronized (this) {
      if (isEnded) {
        return;
      }
      isEnded = true;
    }
    ended.run();
  }

  @Override
  public void onWritePossible() {
    wake();
  }

  @Override
  public void onError(Throwable failure) {
    close();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    close();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    close();
  }

  @Override
  public void onError(AsyncEvent event) {
    close();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // It begins once.
  }
}
