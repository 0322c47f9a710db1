package dev.recount.serving.http;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Unpacks the body of every request that says that it is gzipped, and ends reading of one that is
 * too large, as it comes or unpacked, or that comes too slowly. Handlers see a plain body. All
 * bodies together have a budget of memory, of which small ones need nothing.
 */
final class RequestBodies implements Filter {
  /** After so long a body has to come at some speed: a large one holds memory. */
  private static final long GRACE_SECONDS = 60;

  private static final long LEAST_BYTES_A_SECOND = 10_000;

  private final long most;
  private final BodyBudget budget;
  private final LongSupplier nanos;

  /**
   * @param most bytes of a body, and of what it unpacks to
   * @param budget of all bodies at a time
   */
  RequestBodies(long most, BodyBudget budget, LongSupplier nanos) {
    this.most = most;
    this.budget = budget;
    this.nanos = nanos;
  }

  @Override
  public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    BodyBudget.Share share = budget.share();
    try {
      chain.doFilter(new Request((HttpServletRequest) request, share), response);
    } finally {
      share.close();
    }
  }

  private final class Request extends HttpServletRequestWrapper {
    private static final String ENCODING = "Content-Encoding";

    private final BodyBudget.Share share;
    private final long begunNanos = nanos.getAsLong();
    private ServletInputStream body;

    Request(HttpServletRequest request, BodyBudget.Share share) {
      super(request);
      this.share = share;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      if (body == null) {
        InputStream sent = new Limited(super.getInputStream(), most, "bytes", this::hold);
        body = new Body(isPacked() ? unpacked(sent) : sent);
      }
      return body;
    }

    /** Called as a body comes; what it unpacks to is there at once. */
    private void hold(long bytes) {
      long seconds = TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong() - begunNanos);
      if (seconds > GRACE_SECONDS && bytes / (seconds - GRACE_SECONDS) < LEAST_BYTES_A_SECOND) {
        throw invalid(
            "after %d seconds only %d bytes of its body have come; send it in pieces"
                .formatted(seconds, bytes),
            null);
      }
      share.hold(bytes);
    }

    private boolean isPacked() {
      String encoding = super.getHeader(ENCODING);
      if (encoding == null || encoding.isBlank() || encoding.strip().equalsIgnoreCase("identity")) {
        return false;
      }
      if (!encoding.strip().matches("(?i)(x-)?gzip")) {
        throw invalid("its Content-Encoding is '" + encoding + "'; send it plain or gzipped", null);
      }
      return true;
    }

    private InputStream unpacked(InputStream sent) throws IOException {
      BufferedInputStream packed = new BufferedInputStream(sent);
      try {
        return new Limited(new GZIPInputStream(packed), most, "bytes uncompressed", share::hold);
      } catch (ZipException | EOFException e) {
        throw invalid(
            "its Content-Encoding is '" + super.getHeader(ENCODING) + "', but its body is not gzip",
            e);
      }
    }
  }

  /** A stream that may have so many bytes and no more. */
  private static final class Limited extends InputStream {
    private final InputStream in;
    private final long most;
    private final String unit;
    private final LongConsumer hold;
    private long read;

    /**
     * @param hold is told how many bytes have been read, whenever more have
     */
    Limited(InputStream in, long most, String unit, LongConsumer hold) {
      this.hold = hold;
      this.in = in;
      this.most = most;
      this.unit = unit;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int count = readSome(bytes, from, length);
      read += Math.max(0, count);
      if (read > most) {
        throw RecountException.of(
            ErrorCode.EVENT_TOO_LARGE,
            "Cannot read the request: its body has more than %s %s; send it in pieces",
            most,
            unit);
      }
      hold.accept(read);
      return count;
    }

    private int readSome(byte[] bytes, int from, int length) throws IOException {
      try {
        return in.read(bytes, from, length);
      } catch (ZipException e) {
        throw invalid("its body is not gzip to its end: " + e.getMessage(), e);
      } catch (EOFException e) {
        throw invalid("its body ends before it should", e);
      }
    }
  }

  private static final class Body extends ServletInputStream {
    private final InputStream in;
    private boolean isFinished;

    Body(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return noted(in.read());
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      return noted(in.read(bytes, from, length));
    }

    private int noted(int result) {
      isFinished |= result < 0;
      return result;
    }

    @Override
    public boolean isFinished() {
      return isFinished;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("Bodies are read as they come");
    }
  }

  private static RecountException invalid(String reason, Exception cause) {
    return RecountException.of(
        ErrorCode.REQUEST_INVALID, cause, "Cannot read the request: %s", reason);
  }
}
