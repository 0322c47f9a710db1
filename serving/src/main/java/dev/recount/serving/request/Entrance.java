package dev.recount.serving.request;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.handler.HandlerWrapper;
import org.slf4j.MDC;

/**
 * Where each request comes in: it gets its id, is counted, and is refused if the process is ending.
 */
public final class Entrance extends HandlerWrapper {
  /** What is answered to the end: it says how things are. */
  private static final List<String> ALWAYS_OPEN = List.of("/health/", "/metrics");

  static final String ENTERED = Entrance.class.getName() + ".entered";
  static final String BEGUN = Entrance.class.getName() + ".begun";

  private final Drain drain;
  private final LongSupplier nanos;

  /** Answers a request that comes when none may begin any more. */
  public interface Refusal {
    void write(HttpServletRequest request, HttpServletResponse response) throws IOException;
  }

  private final Refusal refusal;

  /**
   * @param refusal of what comes too late
   */
  public Entrance(Drain drain, Refusal refusal, LongSupplier nanos) {
    this.drain = drain;
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
    if (ALWAYS_OPEN.stream().noneMatch(target::startsWith)) {
      if (!drain.enter()) {
        refusal.write(request, response);
        base.setHandled(true);
        return;
      }
      request.setAttribute(ENTERED, true);
    }
    inItsName(id, target, base, request, response);
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
