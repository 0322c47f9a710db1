package dev.recount.batch.archive;

import dev.recount.core.catalog.Catalog;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.WriterSchemas;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What readers and operators want of an event's archive now: its schema, a roll. Thread-safe. */
final class Wishes {
  private static final Logger LOG = LoggerFactory.getLogger(Wishes.class);

  private final Catalog catalog;
  private final int maxEventBytes;
  private volatile EventSchema schema;
  private volatile long rollRequests;

  Wishes(Catalog catalog, EventSchema schema, int maxEventBytes) {
    this.catalog = catalog;
    this.schema = schema;
    this.maxEventBytes = maxEventBytes;
  }

  /** Asks the catalog. */
  void follow() {
    refreshSchema(schema);
    rollRequests = catalog.batch().rollRequests(schema.name());
  }

  /**
   * @return whether the event's schema is now another than the one given
   */
  boolean refreshSchema(EventSchema known) {
    catalog.events().schema(known.name()).ifPresent(this::changeSchema);
    return !schema.json().equals(known.json());
  }

  private synchronized void changeSchema(EventSchema current) {
    if (!current.json().equals(schema.json())) {
      LOG.info("{}: the schema changed, files have its columns from now on", current.name());
      schema = current;
    }
  }

  EventSchema schema() {
    return schema;
  }

  /** Reads records into the schema of now, whichever their own is. */
  EventCodec codec(WriterSchemas writers) {
    return new EventCodec(schema, writers, maxEventBytes);
  }

  WriterSchemas writerSchemas() {
    return catalog.events();
  }

  /** A number that changes whenever a roll is asked for. */
  long rollRequests() {
    return rollRequests;
  }
}
