package dev.recount.serving.stream;

import dev.recount.error.RecountException;
import dev.recount.serving.access.Access;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** The path of subscriptions. */
public final class StreamApi {
  /** What a client takes with one write is small; ten thousand of them keep such a buffer each. */
  private static final int BUFFER_BYTES = 1024;

  private final Streams streams;

  public StreamApi(Streams streams) {
    this.streams = streams;
  }

  /**
   * Adds the path.
   *
   * @param answered makes a handler answer with an error whatever fails in it
   */
  public void install(Javalin app, UnaryOperator<Handler> answered) {
    app.get("/v1/views/{view}/stream", answered.apply(this::subscribe), Access.READ);
  }

  /**
   * @throws RecountException as {@link Streams#subscribe}
   */
  private void subscribe(Context context) throws IOException {
    Subscriber subscriber =
        streams.subscribe(
            context.pathParam("view"), context.queryParamMap(), context.header("Last-Event-ID"));
    CompletableFuture<Void> ended = new CompletableFuture<>();
    try {
      begin(context.req(), context.res(), subscriber, ended);
    } catch (IOException | RuntimeException | Error e) {
      streams.unsubscribe(subscriber);
      throw e;
    }
    context.future(() -> ended);
  }

  private void begin(
      HttpServletRequest request,
      HttpServletResponse response,
      Subscriber subscriber,
      CompletableFuture<Void> ended)
      throws IOException {
    response.setBufferSize(BUFFER_BYTES);
    response.setContentType("text/event-stream");
    response.setCharacterEncoding("utf-8");
    // Proxies that collect an answer before they pass it on leave this one alone.
    response.setHeader("X-Accel-Buffering", "no");
    AsyncContext async = request.startAsync(request, response);
    subscriber.begin(
        async,
        () -> {
          streams.unsubscribe(subscriber);
          ended.complete(null);
        });
  }
}
