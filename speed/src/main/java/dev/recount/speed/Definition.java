package dev.recount.speed;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ViewJoin;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the catalog says about an event: its schema and the view versions to compute.
 *
 * @param states the schemas of the events whose state they join, by name
 */
record Definition(EventSchema schema, List<Version> versions, Map<String, EventSchema> states) {

  /**
   * A view version.
   *
   * @param firstChunk its first micro-batch; null if none has begun
   * @param sinceMs from which arrival on it is whole; null if the catalog does not know it yet
   * @param isAside whether it is set aside for its failures
   * @param endlessSinceMs when it was set aside because it did not come to an end; null if it was
   *     not
   */
  record Version(
      ViewPlan plan, Long firstChunk, Long sinceMs, boolean isAside, Long endlessSinceMs) {}

  /**
   * Empty if the event is not known. A view enters the catalog after the schemas that it reads, so
   * these are asked for last.
   */
  static Optional<Definition> read(Catalog catalog, String event) {
    List<Version> versions =
        catalog.views().ofEvent(event).stream().map(Definition::version).toList();
    Map<String, EventSchema> states = new TreeMap<>();
    versions.stream()
        .map(v -> v.plan().join())
        .filter(Objects::nonNull)
        .map(ViewJoin::state)
        .distinct()
        .forEach(state -> states.put(state, catalog.events().schema(state).orElseThrow()));
    return catalog.events().schema(event).map(schema -> new Definition(schema, versions, states));
  }

  private static Version version(ViewVersion row) {
    return new Version(
        row.plan(),
        row.speedFirstChunk(),
        row.speedSinceMs(),
        row.speedFailure() != null,
        EndlessViews.isReason(row.speedFailure()) ? row.speedFailedMs() : null);
  }

  private static boolean isNew(Version version) {
    return version.sinceMs() == null && !version.isAside();
  }

  /** Whether there are versions of which the catalog does not know since when they are whole. */
  boolean hasNew() {
    return versions.stream().anyMatch(Definition::isNew);
  }

  /** The same with such versions alone. */
  Definition onlyNew() {
    return new Definition(schema, versions.stream().filter(Definition::isNew).toList(), states);
  }

  /**
   * Whether the schemas of its events are those of the other, as {@link CurrentSchema} compares
   * them: Avro would leave out docs and aliases. False if the other is null.
   */
  boolean hasSameEvents(Definition other) {
    return other != null
        && schema.json().equals(other.schema().json())
        && states.keySet().equals(other.states().keySet())
        && states.values().stream()
            .allMatch(state -> state.json().equals(other.states().get(state.name()).json()));
  }
}
