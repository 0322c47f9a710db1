package dev.recount.speed;

import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.catalog.ViewVersion;
import dev.recount.contract.event.EventSchema;
import dev.recount.contract.view.ViewPlan;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the catalog says about an event: its schema and the view versions to compute. */
record Definition(EventSchema schema, List<Version> versions) {

  /**
   * A view version.
   *
   * @param firstChunk its first micro-batch; null where none has begun
   * @param sinceMs from which arrival on it is whole; null where the catalog does not know it yet
   */
  record Version(ViewPlan plan, Long firstChunk, Long sinceMs, long createdMs) {}

  /**
   * Empty where the event is not known. A view enters the catalog after the schema that it reads,
   * so the schema is asked for last.
   */
  static Optional<Definition> read(Catalog catalog, String event) {
    List<Version> versions =
        catalog.views().ofEvent(event).stream().map(Definition::version).toList();
    return catalog.events().schema(event).map(schema -> new Definition(schema, versions));
  }

  private static Version version(ViewVersion row) {
    return new Version(row.plan(), row.speedFirstChunk(), row.speedSinceMs(), row.createdMs());
  }

  /** When the newest version was added; 0 where there is none. */
  long newestMs() {
    return versions.stream().map(Version::createdMs).max(Comparator.naturalOrder()).orElse(0L);
  }
}
