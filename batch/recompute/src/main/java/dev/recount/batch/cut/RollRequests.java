package dev.recount.batch.cut;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import java.time.Duration;
import java.util.Collection;

/** Asks the archive writer to finish its open files, now and again while somebody waits. */
public final class RollRequests {
  private static final Duration AGAIN = Duration.ofSeconds(3);

  private final Catalog catalog;
  private final Collection<String> events;
  private Deadline next = Deadline.after(Duration.ZERO);

  public RollRequests(Catalog catalog, Collection<String> events) {
    this.catalog = catalog;
    this.events = events;
  }

  /** To be called whenever the one who waits looks; asks the first time, and then not each time. */
  public void ask() {
    if (next.isExpired()) {
      events.forEach(catalog.batch()::requestRoll);
      next = Deadline.after(AGAIN);
    }
  }
}
