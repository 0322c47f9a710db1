package dev.recount.speed;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.error.RecountException;
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
  private volatile Definition known;

  /** Since this process saw the views change, by no clock: any may be another, or be set back. */
  private volatile Deadline settled = Deadline.after(SETTLED);

  CurrentDefinition(String event, Catalog catalog) {
    this.event = event;
    this.catalog = catalog;
  }

  /** Reads the catalog again. */
  void refresh() {
    Optional<Definition> read = Definition.read(catalog, event);
    if (read.isPresent()) {
      Definition before = known;
      if (before == null || !before.versions().equals(read.get().versions())) {
        settled = Deadline.after(SETTLED);
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
    return settled.isExpired();
  }

  /** The tables of its view versions. */
  List<String> tables() {
    Definition now = known;
    return now == null ? List.of() : now.versions().stream().map(v -> v.plan().table()).toList();
  }
}
