package dev.recount.speed;

import dev.recount.core.catalog.EventCatalog;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.event.WriterSchemas;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * The writer schemas of workers that decode into a schema. A record of a schema that they meet for
 * the first time is not decoded into one that was replaced meanwhile: what the new one has added,
 * such as a symbol, would be undecodable here and not in the archive. The micro-batch then begins
 * again.
 */
record CurrentSchema(EventCatalog events, EventSchema schema) implements WriterSchemas {
  @Override
  public Optional<Schema> find(long fingerprint) {
    Optional<Schema> found = events.find(fingerprint);
    boolean isCurrent =
        events.schema(schema.name()).map(s -> s.json().equals(schema.json())).orElse(false);
    if (found.isPresent() && !isCurrent) {
      throw RecountException.of(
          ErrorCode.CATALOG_UNAVAILABLE,
          "Cannot decode records of event '%s': its schema has just changed; the "
              + "micro-batch is retried",
          schema.name());
    }
    return found;
  }

  @Override
  public long registeredMs(long fingerprint) {
    return events.registeredMs(fingerprint);
  }
}
