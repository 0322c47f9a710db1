package dev.recount.serving.metrics;

import dev.recount.serving.request.Drain;
import dev.recount.serving.request.Finished;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * How requests go, by endpoint: how many, how long, how large, with what outcome. All values of
 * labels come from us, so that there are only so many, whatever is asked.
 */
final class RequestMeters implements Consumer<Finished> {
  private static final String NONE = "none";
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private static final Duration[] BUCKETS =
      LongStream.of(5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;

  RequestMeters(MeterRegistry registry, Drain drain) {
    this.registry = registry;
    Gauge.builder("recount.http.requests.running", drain, Drain::running)
        .description("Requests that are being answered")
        .register(registry);
  }

  @Override
  public void accept(Finished request) {
    Tags endpoint =
        Tags.of(
            "endpoint",
            Objects.requireNonNullElse(request.endpoint(), NONE),
            "method",
            request.method() != null && METHODS.contains(request.method())
                ? request.method()
                : "OTHER");
    Timer.builder("recount.http.requests")
        .description("How long requests took, by their outcome")
        .tags(endpoint)
        .tags(
            "status",
            String.valueOf(request.status()),
            "code",
            Objects.requireNonNullElse(request.code(), NONE))
        .serviceLevelObjectives(BUCKETS)
        .register(registry)
        .record(Duration.ofNanos((long) (request.seconds() * 1e9)));
    bytes("recount.http.received", "Bytes of the bodies of requests", endpoint)
        .increment(Math.max(0, request.received()));
    bytes("recount.http.sent", "Bytes of responses", endpoint)
        .increment(Math.max(0, request.sent()));
  }

  private Counter bytes(String name, String description, Tags tags) {
    return Counter.builder(name)
        .description(description)
        .baseUnit("bytes")
        .tags(tags)
        .register(registry);
  }
}
