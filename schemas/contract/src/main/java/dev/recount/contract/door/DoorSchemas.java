package dev.recount.contract.door;

import dev.recount.contract.catalog.EventCatalog;
import dev.recount.contract.catalog.WriterSchema;
import dev.recount.contract.event.EventSchema;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What events are written with: the current schema of an event from the moment on since which it is
 * registered, and until then the one before. Thread-safe.
 */
public final class DoorSchemas {
  /** How long a schema is used before the catalog is asked whether there is a newer one. */
  private static final long AGE_MS = 1_000;

  /** The current schema, since when it may be used, and what is used before; null where nothing. */
  private record Known(EventSchema current, long sinceMs, EventSchema before, long readMs) {
    EventSchema at(long nowMs) {
      return nowMs >= sinceMs || before == null ? current : before;
    }
  }

  private final EventCatalog events;
  private final Clock clock;
  private final Map<String, Known> schemas = new ConcurrentHashMap<>();

  public DoorSchemas(EventCatalog events, Clock clock) {
    this.events = events;
    this.clock = clock;
  }

  /** Of what was applied more than a second ago, the newest; empty where the event is unknown. */
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
    return Optional.of(known.at(nowMs));
  }

  private Known read(EventSchema current, Known known, long nowMs) {
    long sinceMs = events.registeredMs(current.fingerprint());
    EventSchema before = null;
    if (nowMs < sinceMs) {
      before = known == null ? newest(current.name(), nowMs) : known.at(nowMs);
    }
    return new Known(current, sinceMs, before, nowMs);
  }

  private EventSchema newest(String event, long nowMs) {
    return events.writerSchemas(event).stream()
        .filter(schema -> schema.registeredMs() <= nowMs)
        .reduce((older, newer) -> newer)
        .map(WriterSchema::schemaJson)
        .map(json -> EventSchema.parse(json, event))
        .orElse(null);
  }
}
