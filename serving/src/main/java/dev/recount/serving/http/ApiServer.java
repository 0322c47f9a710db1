package dev.recount.serving.http;

import dev.recount.core.config.RecountConfig;
import dev.recount.serving.request.Drain;
import dev.recount.serving.request.Entrance;
import dev.recount.serving.request.Finished;
import dev.recount.serving.request.Limits;
import dev.recount.serving.request.RequestFacts;
import dev.recount.serving.request.RequestLines;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import jakarta.servlet.DispatcherType;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.servlet.FilterHolder;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The HTTP server below the API: what holds for every request, whatever its path. */
final class ApiServer {
  /** A body that comes more slowly is given up: it would keep a thread for ever. */
  private static final int LEAST_BYTES_A_SECOND = 100;

  private static final int SPARE_THREADS = 50;

  private ApiServer() {}

  /**
   * A server without paths, which is not started yet.
   *
   * @param limits of each one who asks
   * @param followers get each request that was answered
   */
  static Javalin create(
      RecountConfig.Serving settings,
      Limits limits,
      Drain drain,
      List<Consumer<Finished>> followers,
      Clock clock,
      Consumer<JavalinConfig> more) {
    Javalin app =
        Javalin.create(
            javalin -> {
              javalin.showJavalinBanner = false;
              javalin.http.maxRequestSize = HttpErrors.MAX_BODY_BYTES;
              javalin.http.defaultContentType = "application/json; charset=utf-8";
              javalin.jetty.threadPool = threads(settings);
              javalin.jetty.modifyServer(
                  server -> {
                    server.setErrorHandler(new ServerErrors());
                    server.insertHandler(entrance(settings, limits, drain));
                    server.setRequestLog(
                        new RequestLines(drain, followers, clock, System::nanoTime));
                  });
              javalin.jetty.modifyHttpConfiguration(http -> set(http, settings));
              javalin.jetty.modifyServletContextHandler(
                  handler ->
                      handler.addFilter(
                          new FilterHolder(
                              new RequestBodies(
                                  HttpErrors.MAX_BODY_BYTES,
                                  BodyBudget.ofMemory(HttpErrors.MAX_BODY_BYTES),
                                  System::nanoTime)),
                          "/*",
                          EnumSet.of(DispatcherType.REQUEST)));
              more.accept(javalin);
            });
    HttpErrors.install(app);
    app.before(HttpErrors.answered(context -> noteEndpoint(app, context)));
    app.before(HttpErrors.answered(Urls::requireReadable));
    return app;
  }

  /** More than there may be requests, for the server's own work and what is always answered. */
  private static QueuedThreadPool threads(RecountConfig.Serving settings) {
    QueuedThreadPool threads = new QueuedThreadPool(settings.limits().requests() + SPARE_THREADS);
    threads.setName("http");
    return threads;
  }

  private static Entrance entrance(RecountConfig.Serving settings, Limits limits, Drain drain) {
    return new Entrance(
        drain, limits, settings.limits().requests(), HttpErrors::refuse, System::nanoTime);
  }

  private static void set(HttpConfiguration http, RecountConfig.Serving limits) {
    http.setIdleTimeout(limits.idleTimeout().toMillis());
    http.setMinRequestDataRate(LEAST_BYTES_A_SECOND);
  }

  /** Before anything refuses the request: who counts requests wants to know which they were. */
  private static void noteEndpoint(Javalin app, Context context) {
    HandlerType method = context.method() == HandlerType.HEAD ? HandlerType.GET : context.method();
    app.unsafeConfig()
        .pvt
        .internalRouter
        .findHttpHandlerEntries(method, context.path())
        .findFirst()
        .ifPresent(entry -> RequestFacts.endpoint(context.req(), entry.getEndpoint().getPath()));
  }
}
