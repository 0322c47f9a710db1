package dev.recount.ingest.door;

import dev.recount.core.catalog.EventCatalog;
import dev.recount.core.catalog.WriterSchema;
import dev.recount.event.EventSchema;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What events are written with: the current schema of an event from the moment on since which it is
 * registered, and until then the one before. Thread-safe.
 */
public final class DoorSchemas {
  /** How long a schema is used before the catalog is asked whether there is a newer one. */
  private static final long AGE_MS = 1_000;

  /** A schema that was applied longer ago counts by every clock. */
  private static final long SURE_MS = 3_600_000;

  /** The current schema, and what is used until it counts; null if that has come. */
  private record Known(EventSchema current, long sinceMs, EventSchema before, long readMs) {}

  private final EventCatalog events;
  private final LongSupplier brokersMs;
  private final Clock clock;
  private final Map<String, Known> schemas = new ConcurrentHashMap<>();

  /**
   * @param brokersMs what the clocks of the brokers show, by which a schema counts
   */
  public DoorSchemas(EventCatalog events, LongSupplier brokersMs, Clock clock) {
    this.events = events;
    this.brokersMs = brokersMs;
    this.clock = clock;
  }

  /** Of what was applied more than a second ago, the newest; empty if the event is unknown. */
  public Optional<EventSchema> find(String event) {
    long nowMs = clock.millis();
    Known known = schemas.get(event);
    if (known == null || nowMs - known.readMs() >= AGE_MS) {
      Optional<EventSchema> current = events.schema(event);
      if (current.isEmpty()) {
        return current;
      }
      known = read(current.get(), known, nowMs);
      schemas.put(event, known);
    }
    return Optional.of(used(known));
  }

  private EventSchema used(Known known) {
    return known.before() == null || brokersMs.getAsLong() >= known.sinceMs()
        ? known.current()
        : known.before();
  }

  private Known read(EventSchema current, Known known, long nowMs) {
    long sinceMs = events.registeredMs(current.fingerprint());
    if (nowMs - sinceMs >= SURE_MS) {
      return new Known(current, sinceMs, null, nowMs);
    }
    long arrivingMs = brokersMs.getAsLong();
    EventSchema before = null;
    if (arrivingMs < sinceMs) {
      before = known == null ? newest(current.name(), arrivingMs) : used(known);
    }
    return new Known(current, sinceMs, before, nowMs);
  }

  private EventSchema newest(String event, long arrivingMs) {
    return events.writerSchemas(event).stream()
        .filter(schema -> schema.registeredMs() <= arrivingMs)
        .reduce((older, newer) -> newer)
        .map(WriterSchema::schemaJson)
        .map(json -> EventSchema.parse(json, event))
        .orElse(null);
  }
}
