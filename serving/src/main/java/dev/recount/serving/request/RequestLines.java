package dev.recount.serving.request;

import dev.recount.core.Json;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line of JSON for each request that has been answered, whoever answered it. */
public final class RequestLines implements RequestLog {
  /** Not below Recount's own loggers: where these lines go is set for itself. */
  private static final Logger LINES = LoggerFactory.getLogger("requests");

  private static final Logger LOG = LoggerFactory.getLogger(RequestLines.class);
  private static final int LONGEST_PATH = 500;
  private static final double NANOS = 1e9;

  private final Drain drain;
  private final List<Consumer<Finished>> followers;
  private final Clock clock;
  private final LongSupplier nanos;

  /**
   * @param followers get each request too
   */
  public RequestLines(
      Drain drain, List<Consumer<Finished>> followers, Clock clock, LongSupplier nanos) {
    this.drain = drain;
    this.followers = List.copyOf(followers);
    this.clock = clock;
    this.nanos = nanos;
  }

  @Override
  public void log(Request request, Response response) {
    if (request.getAttribute(Entrance.ENTERED) != null) {
      drain.leave();
    }
    try {
      Finished finished = finished(request, response);
      followers.forEach(follower -> follower.accept(finished));
      if (LINES.isInfoEnabled()) {
        LINES.info(Json.write(finished));
      }
    } catch (RuntimeException e) {
      // The request itself is answered.
      LOG.warn("Cannot note the request {}", RequestId.of(request), e);
    }
  }

  private Finished finished(Request request, Response response) {
    MetaData.Response sent = response.getCommittedMetaData();
    Long begun = (Long) request.getAttribute(Entrance.BEGUN);
    String path = request.getHttpURI() == null ? null : request.getHttpURI().getPath();
    return new Finished(
        clock.instant(),
        sent == null ? RequestId.of(request) : sent.getFields().get(RequestId.HEADER),
        request.getRemoteAddr(),
        RequestFacts.text(request, RequestFacts.CALLER),
        request.getMethod(),
        RequestFacts.text(request, RequestFacts.ENDPOINT),
        path == null || path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH),
        sent == null ? response.getStatus() : sent.getStatus(),
        RequestFacts.text(request, RequestFacts.CODE),
        begun == null ? 0 : (nanos.getAsLong() - begun) / NANOS,
        request.getHttpInput().getContentReceived(),
        response.getHttpChannel().getBytesWritten());
  }
}
