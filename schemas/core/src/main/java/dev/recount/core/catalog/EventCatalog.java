package dev.recount.core.catalog;

import dev.recount.event.EventSchema;
import dev.recount.event.WriterSchemas;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Event types and their writer schemas. */
public final class EventCatalog implements WriterSchemas {
  private final Jdbi jdbi;

  EventCatalog(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Makes the schema the event's current one and registers it as a writer schema. Idempotent.
   *
   * @param nowMs since when records may be written with it, where it is not the event's first and
   *     was not registered before; nobody has read what was written before there was any
   */
  public void apply(EventSchema schema, long nowMs) {
    Sql.guard(
        () ->
            jdbi.inTransaction(
                h -> {
                  register(h, schema, nowMs);
                  h.createUpdate("DELETE FROM event_type WHERE event = :event")
                      .bind("event", schema.name())
                      .execute();
                  return h.createUpdate(
                          "INSERT INTO event_type (event, fingerprint, applied_ms)"
                              + " VALUES (:event, :fingerprint, :now)")
                      .bind("event", schema.name())
                      .bind("fingerprint", schema.fingerprint())
                      .bind("now", nowMs)
                      .execute();
                }));
  }

  private static void register(Handle h, EventSchema schema, long nowMs) {
    long sinceMs =
        registeredMs(h, schema.fingerprint()).orElse(hasSchema(h, schema.name()) ? nowMs : 0L);
    h.createUpdate("DELETE FROM writer_schema WHERE fingerprint = :fingerprint")
        .bind("fingerprint", schema.fingerprint())
        .execute();
    h.createUpdate(
            "INSERT INTO writer_schema (fingerprint, event, schema_json, registered_ms)"
                + " VALUES (:fingerprint, :event, :json, :since)")
        .bind("fingerprint", schema.fingerprint())
        .bind("event", schema.name())
        .bind("json", schema.json())
        .bind("since", sinceMs)
        .execute();
  }

  private static boolean hasSchema(Handle h, String event) {
    return h.createQuery("SELECT count(*) FROM writer_schema WHERE event = :event")
            .bind("event", event)
            .mapTo(Long.class)
            .one()
        > 0;
  }

  /** The current schema of an event. */
  public Optional<EventSchema> schema(String event) {
    return Sql.guard(
            () ->
                jdbi.withHandle(
                    h ->
                        h.createQuery(
                                "SELECT w.schema_json FROM event_type e JOIN writer_schema w"
                                    + " ON w.fingerprint = e.fingerprint WHERE e.event = :event")
                            .bind("event", event)
                            .mapTo(String.class)
                            .findOne()))
        .map(json -> EventSchema.parse(json, event));
  }

  /** The names of all applied events, in order. */
  public List<String> names() {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery("SELECT event FROM event_type ORDER BY event")
                        .mapTo(String.class)
                        .list()));
  }

  /** Every schema that records of the event were ever written with, oldest first. */
  public List<WriterSchema> writerSchemas(String event) {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "SELECT * FROM writer_schema WHERE event = :event"
                                + " ORDER BY registered_ms")
                        .bind("event", event)
                        .mapTo(WriterSchema.class)
                        .list()));
  }

  @Override
  public Optional<Schema> find(long fingerprint) {
    return Sql.guard(
            () ->
                jdbi.withHandle(
                    h ->
                        h.createQuery(
                                "SELECT schema_json FROM writer_schema"
                                    + " WHERE fingerprint = :fingerprint")
                            .bind("fingerprint", fingerprint)
                            .mapTo(String.class)
                            .findOne()))
        .map(json -> new Schema.Parser().parse(json));
  }

  @Override
  public long registeredMs(long fingerprint) {
    return Sql.guard(() -> jdbi.withHandle(h -> registeredMs(h, fingerprint)))
        .orElse(Long.MIN_VALUE);
  }

  private static Optional<Long> registeredMs(Handle h, long fingerprint) {
    return h.createQuery("SELECT registered_ms FROM writer_schema WHERE fingerprint = :fingerprint")
        .bind("fingerprint", fingerprint)
        .mapTo(Long.class)
        .findOne();
  }
}
