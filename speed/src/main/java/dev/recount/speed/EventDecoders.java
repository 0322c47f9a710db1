package dev.recount.speed;

import dev.recount.contract.event.EventSchema;
import dev.recount.contract.event.WriterSchemas;
import dev.recount.planner.EventRows;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The decoders of this process. A decoder is not thread-safe and costs much to make, so tasks
 * borrow one and give it back; writer schemas are asked for in the catalog, where the archive asks
 * too. The streaming job runs inside one process, so tasks find this by name.
 */
final class EventDecoders {
  private record Event(EventSchema schema, WriterSchemas writers, Queue<EventRows> idle) {}

  private static final Map<String, Event> EVENTS = new ConcurrentHashMap<>();

  private EventDecoders() {}

  /** Decodes records of the event into this schema from now on. */
  static void use(EventSchema schema, WriterSchemas writers) {
    EVENTS.put(schema.name(), new Event(schema, writers, new ConcurrentLinkedQueue<>()));
  }

  /** A decoder that is the caller's until it is given back. */
  static Loan borrow(String event) {
    Event definition = EVENTS.get(event);
    EventRows idle = definition.idle().poll();
    return new Loan(
        idle != null ? idle : new EventRows(definition.schema(), definition.writers()),
        definition.idle());
  }

  /** A borrowed decoder; closing gives it back. */
  record Loan(EventRows decoder, Queue<EventRows> home) implements AutoCloseable {
    @Override
    public void close() {
      home.add(decoder);
    }
  }
}
