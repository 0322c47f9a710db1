package dev.recount.serving.request;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpConnection;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;

/**
 * Whether the client of a request still waits for its answer. While a request is handled nobody
 * reads from its connection, so that it is not noticed when the client closes it.
 */
public final class Presence {
  /** What a client sends ahead is given back to the connection, which has room for more. */
  private static final int PEEK_BYTES = 256;

  private Presence() {}

  /**
   * Whether a client has closed its side of the connection. To be asked by the thread that handles
   * the request, after its body was read.
   */
  public static boolean hasLeft(HttpServletRequest request) {
    Request base = Request.getBaseRequest(request);
    EndPoint end = base.getHttpChannel().getEndPoint();
    if (!(end.getConnection() instanceof HttpConnection connection)) {
      return !end.isOpen();
    }
    if (!connection.isRequestBufferEmpty()) {
      return false; // The next request has come already.
    }
    ByteBuffer ahead = BufferUtil.allocate(PEEK_BYTES);
    try {
      int read = end.fill(ahead);
      if (read > 0) {
        connection.onUpgradeTo(ahead);
      }
      return read < 0;
    } catch (IOException e) {
      return true;
    }
  }
}
