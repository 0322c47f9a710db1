package dev.recount.speed;

import dev.recount.core.catalog.Catalog;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An event's newest definition that the catalog gave. Thread-safe. */
final class CurrentDefinition {
  /** So long must the list of views be unchanged before a first start, so that all begin at 0. */
  private static final Duration SETTLED = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(CurrentDefinition.class);

  private final String event;
  private final Catalog catalog;
  private final Clock clock;
  private volatile Definition known;

  /** When this process saw the views change: the clock of who applied them may be another. */
  private volatile long changedMs;

  CurrentDefinition(String event, Catalog catalog, Clock clock) {
    this.event = event;
    this.catalog = catalog;
    this.clock = clock;
  }

  /** Reads the catalog again. */
  void refresh() {
    Optional<Definition> read = Definition.read(catalog, event);
    if (read.isPresent()) {
      Definition before = known;
      if (before == null || !before.versions().equals(read.get().versions())) {
        changedMs = clock.millis();
      }
      known = read.get();
    }
  }

  /**
   * The definition as it is now; while the catalog does not answer, the one that was read last, as
   * {@link CurrentSchema} guards.
   */
  Definition newest() {
    try {
      refresh();
    } catch (RecountException e) {
      LOG.warn("Event {}: continuing with what is known: {}", event, e.getMessage());
    }
    return known;
  }

  /** The definition that was read last; null before the first. */
  Definition known() {
    return known;
  }

  boolean hasViews() {
    return !tables().isEmpty();
  }

  /** Whether the views have not changed for some time. */
  boolean isSettled() {
    return clock.millis() - changedMs >= SETTLED.toMillis();
  }

  /** The tables of its view versions. */
  List<String> tables() {
    Definition now = known;
    return now == null ? List.of() : now.versions().stream().map(v -> v.plan().table()).toList();
  }
}
