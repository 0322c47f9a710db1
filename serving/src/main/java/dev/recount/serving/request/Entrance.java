package dev.recount.serving.request;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.HandlerWrapper;
import org.slf4j.MDC;

/**
 * Where each request comes in: it gets its id, is counted, and is refused if the process is ending
 * or has too many already. So there are always threads for what is open to the end.
 */
public final class Entrance extends HandlerWrapper {
  /** What is answered to the end: it says how things are. */
  private static final List<String> ALWAYS_OPEN = List.of("/health/", "/metrics");

  static final String ENTERED = Entrance.class.getName() + ".entered";
  static final String BEGUN = Entrance.class.getName() + ".begun";

  private final Drain drain;
  private final Limits limits;
  private final int most;
  private final AtomicInteger handled = new AtomicInteger();
  private final LongSupplier nanos;

  /** Answers a request that does not come in. */
  public interface Refusal {
    void write(RecountException reason, HttpServletRequest request, HttpServletResponse response)
        throws IOException;
  }

  private final Refusal refusal;

  /**
   * @param limits of each one who asks
   * @param most how many requests threads may handle at a time
   * @param refusal of what comes too late, or is too much
   */
  public Entrance(Drain drain, Limits limits, int most, Refusal refusal, LongSupplier nanos) {
    this.drain = drain;
    this.limits = limits;
    this.most = most;
    this.refusal = refusal;
    this.nanos = nanos;
  }

  @Override
  public void handle(
      String target, Request base, HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    if (base.getDispatcherType() != DispatcherType.REQUEST) {
      inItsName(RequestId.of(request), target, base, request, response);
      return;
    }
    String id = RequestId.of(request.getHeader(RequestId.HEADER));
    RequestId.set(request, id);
    request.setAttribute(BEGUN, nanos.getAsLong());
    response.setHeader(RequestId.HEADER, id);
    if (drain.isAnnounced()) {
      response.setHeader(HttpHeader.CONNECTION.asString(), "close");
    }
    if (ALWAYS_OPEN.stream().anyMatch(target::startsWith)) {
      inItsName(id, target, base, request, response);
      return;
    }
    handleCounted(id, target, base, request, response);
  }

  private void handleCounted(
      String id,
      String target,
      Request base,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, ServletException {
    boolean fits = handled.incrementAndGet() <= most;
    try {
      Optional<RecountException> refused =
          !fits
              ? Optional.of(overload())
              : drain.enter() ? Optional.empty() : Optional.of(ending());
      if (refused.isPresent()) {
        refusal.write(refused.get(), request, response);
        base.setHandled(true);
        return;
      }
      request.setAttribute(ENTERED, true);
      inItsName(id, target, base, request, response);
    } finally {
      handled.decrementAndGet();
      limits.release(request);
    }
  }

  private RecountException overload() {
    return Limits.refused(
        ErrorCode.OVERLOADED,
        1,
        "Cannot take the request: %s requests are being answered already (serving.limits.requests);"
            + " ask again",
        most);
  }

  private static RecountException ending() {
    return Limits.refused(
        ErrorCode.STOPPING, 1, "Cannot take the request: the process is ending; ask again");
  }

  private void inItsName(
      String id,
      String target,
      Request base,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, ServletException {
    MDC.put(RequestId.LOGGED, id);
    try {
      super.handle(target, base, request, response);
    } finally {
      MDC.remove(RequestId.LOGGED);
    }
  }
}
