package dev.recount.ingest.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventSchema;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorSchemasTest {
  private static final EventSchema FIRST = schema("");
  private static final EventSchema SECOND =
      schema(", {\"name\": \"x\", \"type\": \"int\", \"default\": 0, \"doc\": \"d\"}");

  private final AtomicLong nowMs = new AtomicLong(10_000);
  private final AtomicLong brokersMs = new AtomicLong(10_000);
  private final Clock clock =
      ((InstantSource) () -> Instant.ofEpochMilli(nowMs.get())).withZone(ZoneOffset.UTC);

  @TempDir private Path home;
  private Catalog catalog;

  private static EventSchema schema(String more) {
    return EventSchema.parse(
        """
        {"type": "record", "name": "ordering", "fields": [
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"}%s]}"""
            .formatted(more),
        "test");
  }

  @BeforeEach
  void open() {
    catalog =
        Catalog.open(
            RecountConfig.load(
                home,
                Optional.empty(),
                Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:door;DB_CLOSE_DELAY=-1")));
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void aChangedSchema_isUsedFromItsMomentOn_andNotBefore() {
    DoorSchemas running = new DoorSchemas(catalog.events(), brokersMs::get, clock);
    assertThat(running.find("ordering")).isEmpty();
    catalog.events().apply(FIRST, nowMs.get());
    assertUsed(running, FIRST);

    long sinceMs = nowMs.get() + 2_000;
    catalog.events().apply(SECOND, sinceMs);
    DoorSchemas started = new DoorSchemas(catalog.events(), brokersMs::get, clock);
    for (long ms = brokersMs.get(); ms < sinceMs; ms += 300) {
      // This host's clock is ahead of the brokers', by which arrivals are counted.
      nowMs.set(ms + 15_000);
      brokersMs.set(ms);
      assertUsed(running, FIRST);
      assertUsed(started, FIRST);
    }
    nowMs.set(sinceMs + 15_000);
    brokersMs.set(sinceMs);
    assertUsed(running, SECOND);
    assertUsed(started, SECOND);
  }

  private static void assertUsed(DoorSchemas schemas, EventSchema schema) {
    assertThat(schemas.find("ordering").orElseThrow().json()).isEqualTo(schema.json());
  }
}
