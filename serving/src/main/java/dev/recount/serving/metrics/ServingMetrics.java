package dev.recount.serving.metrics;

import dev.recount.core.Deadline;
import dev.recount.core.SharedLook;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.serving.access.Access;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.request.Drain;
import dev.recount.serving.request.Finished;
import dev.recount.serving.stream.Streams;
import io.javalin.Javalin;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The metrics of this process and of the system that it serves, at {@code /metrics}. They are read
 * when somebody asks, at most every few seconds however many do, and never waited for long: what
 * does not answer is left out.
 */
public final class ServingMetrics implements AutoCloseable, Consumer<Finished> {
  private static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final Duration KEEP = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final RequestMeters requests;
  private final SystemGauges system;
  private final LetterTopic letters;
  private final SharedLook<SystemFacts> systemLook;
  private final SharedLook<FreshnessFacts> freshnessLook;
  private final SharedLook<Long> lettersLook;

  /** Metrics over what the process has opened; closes none of it. */
  public ServingMetrics(
      RecountConfig config, Catalog catalog, Gateway gateway, Drain drain, Clock clock) {
    this.requests = new RequestMeters(registry, drain);
    this.system = new SystemGauges(registry, clock);
    this.letters = new LetterTopic(config);
    this.systemLook =
        new SharedLook<>(
            "metrics-catalog",
            () -> SystemFacts.read(catalog, config, clock),
            KEEP,
            System::nanoTime);
    this.freshnessLook =
        new SharedLook<>(
            "metrics-freshness",
            () -> FreshnessFacts.read(catalog, gateway),
            KEEP,
            System::nanoTime);
    this.lettersLook =
        new SharedLook<>("metrics-letters", letters::written, KEEP, System::nanoTime);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /** Adds the path, and what the server says of itself. */
  public void install(Javalin app) {
    app.get("/metrics", context -> context.contentType(TYPE).result(scrape()), Access.READ_ALL);
    if (app.jettyServer().server().getThreadPool() instanceof QueuedThreadPool threads) {
      gauge("recount.http.threads.busy", "Threads that answer requests", threads::getBusyThreads);
      gauge("recount.http.threads.most", "Threads that there may be", threads::getMaxThreads);
      gauge("recount.http.queued", "Requests that wait for a thread", threads::getQueueSize);
    }
  }

  /** Adds how many subscriptions there are. */
  public void streams(Streams streams) {
    gauge("recount.stream.subscribers", "Clients that are subscribed", streams::subscribers);
    gauge("recount.stream.questions", "Different questions they ask", streams::questions);
  }

  private void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).register(registry);
  }

  @Override
  public void accept(Finished request) {
    requests.accept(request);
  }

  /** Counts records that were sent in. */
  public void events(String event, int accepted, int rejected) {
    events(event, "accepted").increment(accepted);
    events(event, "rejected").increment(rejected);
  }

  private Counter events(String event, String result) {
    return Counter.builder("recount.events")
        .description("Records sent in over HTTP")
        .tags("event", event, "result", result)
        .register(registry);
  }

  private String scrape() {
    Deadline deadline = Deadline.after(PATIENCE);
    List.of(systemLook, freshnessLook, lettersLook).forEach(SharedLook::begin);
    Optional<SystemFacts> facts = systemLook.now(deadline);
    Optional<FreshnessFacts> freshness = freshnessLook.now(deadline);
    Optional<Long> written = lettersLook.now(deadline);
    synchronized (this) {
      system.show(facts, freshness, written);
      return registry.scrape();
    }
  }

  @Override
  public void close() {
    collections.close();
    letters.close();
    registry.close();
  }
}
