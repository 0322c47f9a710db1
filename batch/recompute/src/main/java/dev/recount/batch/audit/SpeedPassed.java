package dev.recount.batch.audit;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.cut.Cut;
import java.time.Duration;
import java.util.Collection;

/** How far the speed layer has passed, whole. */
final class SpeedPassed {
  private static final Duration POLL = Duration.ofMillis(200);

  private final Catalog catalog;
  private final Duration patience;

  /**
   * @param patience how long it is waited for
   */
  SpeedPassed(Catalog catalog, Duration patience) {
    this.catalog = catalog;
    this.patience = patience;
  }

  /** Waits until all that arrived before a moment has become deltas, and says what has. */
  long awaitMs(Collection<String> events, long wantedMs) {
    Deadline.after(patience).await(POLL, () -> untilMs(events) >= wantedMs);
    return untilMs(events);
  }

  private long untilMs(Collection<String> events) {
    return events.stream()
            .mapToLong(
                e ->
                    catalog
                        .services()
                        .speedProgress(e)
                        .map(SpeedProgress::completeUntilMs)
                        .orElse(0L))
            .min()
            .orElseThrow()
        - Cut.APPEND_IN_FLIGHT.toMillis();
  }
}
