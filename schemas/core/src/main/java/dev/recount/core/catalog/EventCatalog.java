package dev.recount.core.catalog;

import dev.recount.event.EventSchema;
import dev.recount.event.WriterSchemas;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/** Event types and their writer schemas. */
public final class EventCatalog implements WriterSchemas {
  private static final String REGISTERED =
      "SELECT registered_ms FROM writer_schema WHERE fingerprint = :fingerprint";

  /** The generation of an event that was dropped with its records. */
  public static final String DROPPED = "dropped";

  private final Sql sql;

  EventCatalog(Sql sql) {
    this.sql = sql;
  }

  /**
   * Makes the schema the event's current one and registers it as a writer schema. Idempotent.
   *
   * @param nowMs since when records may be written with it, where it is not the event's first and
   *     was not registered before; no reader has read what was written before there was any
   */
  public void apply(EventSchema schema, long nowMs) {
    Map<String, ?> values =
        Map.of(
            "event", schema.name(),
            "fingerprint", schema.fingerprint(),
            "json", schema.json(),
            "now", nowMs);
    sql.together(
        s -> {
          register(s, values, nowMs);
          s.update("DELETE FROM event_type WHERE event = :event", values);
          s.update(
              """
              INSERT INTO event_type (event, fingerprint, applied_ms)
              VALUES (:event, :fingerprint, :now)""",
              values);
        });
  }

  private static void register(Sql.Statements s, Map<String, ?> values, long nowMs) {
    boolean isFirst =
        s.list(Long.class, "SELECT fingerprint FROM writer_schema WHERE event = :event", values)
            .isEmpty();
    long sinceMs = s.first(Long.class, REGISTERED, values).orElse(isFirst ? 0L : nowMs);
    s.update("DELETE FROM writer_schema WHERE fingerprint = :fingerprint", values);
    s.update(
        """
        INSERT INTO writer_schema (fingerprint, event, schema_json, registered_ms)
        VALUES (:fingerprint, :event, :json, %d)"""
            .formatted(sinceMs),
        values);
  }

  /**
   * Has an event be unknown from now on: it is no more taken, archived or counted. Its writer
   * schemas stay for the records that there are.
   */
  public void drop(String event) {
    sql.update("DELETE FROM event_type WHERE event = :event", Map.of("event", event));
  }

  /** Forgets all of an event that was dropped, once its topic and its archive are gone. */
  public void forget(String event) {
    sql.together(
        s -> {
          Map<String, ?> values =
              Map.of("event", event, "generation", generationSetting(event), "dropped", DROPPED);
          for (String table :
              List.of(
                  "writer_schema",
                  "speed_progress",
                  "archive_roll",
                  "archive_folder",
                  "archive_start",
                  "archive_erasure")) {
            s.update("DELETE FROM " + table + " WHERE event = :event", values);
          }
          // Positions of the old topic mean nothing in the next.
          s.update("DELETE FROM setting WHERE setting_name = :generation", values);
          s.update("INSERT INTO setting VALUES (:generation, :dropped)", values);
        });
  }

  /** Whether an event was dropped with its records, and not counted again since. */
  public boolean wasForgotten(String event) {
    return sql.first(
            String.class,
            "SELECT setting_value FROM setting WHERE setting_name = :name",
            Map.of("name", generationSetting(event)))
        .filter(DROPPED::equals)
        .isPresent();
  }

  /** The setting that holds the generation of an event's speed layer. */
  public static String generationSetting(String event) {
    return "speed.generation." + event;
  }

  /** The current schema of an event. */
  public Optional<EventSchema> schema(String event) {
    return sql.first(
            String.class,
            """
            SELECT w.schema_json FROM event_type e JOIN writer_schema w
            ON w.fingerprint = e.fingerprint WHERE e.event = :event""",
            Map.of("event", event))
        .map(json -> EventSchema.parse(json, event));
  }

  /** The names of all applied events, in order. */
  public List<String> names() {
    return sql.list(String.class, "SELECT event FROM event_type ORDER BY event", Map.of());
  }

  /** Every schema that records of the event were ever written with, oldest first. */
  public List<WriterSchema> writerSchemas(String event) {
    return sql.list(
        WriterSchema.class,
        "SELECT * FROM writer_schema WHERE event = :event ORDER BY registered_ms",
        Map.of("event", event));
  }

  @Override
  public Optional<Schema> find(long fingerprint) {
    return sql.first(
            String.class,
            "SELECT schema_json FROM writer_schema WHERE fingerprint = :fingerprint",
            Map.of("fingerprint", fingerprint))
        .map(json -> new Schema.Parser().parse(json));
  }

  @Override
  public long registeredMs(long fingerprint) {
    return sql.first(Long.class, REGISTERED, Map.of("fingerprint", fingerprint))
        .orElse(Long.MIN_VALUE);
  }
}
