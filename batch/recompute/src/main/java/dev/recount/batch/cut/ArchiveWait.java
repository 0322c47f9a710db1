package dev.recount.batch.cut;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.error.DurationText;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Waits until the archive holds everything that had arrived when the run was asked for: lets the
 * present bucket close, has the archive writer finish its files, and watches the cut move.
 */
public final class ArchiveWait {
  private static final String ARCHIVE_SERVICE = "archive";
  private static final Duration HEARTBEAT_OLD = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(300);

  private final RecountConfig config;
  private final Catalog catalog;
  private final CutPicker picker;
  private final LongSupplier brokersMs;
  private final Consumer<String> say;

  /**
   * @param brokersMs what the clocks of the brokers show
   * @param say told, in a sentence, what the user should know of the waiting
   */
  public ArchiveWait(
      RecountConfig config,
      Catalog catalog,
      CutPicker picker,
      LongSupplier brokersMs,
      Consumer<String> say) {
    this.config = config;
    this.catalog = catalog;
    this.picker = picker;
    this.brokersMs = brokersMs;
    this.say = say;
  }

  /**
   * The first cut at or after the close of the bucket of {@code askedMs}, which is a time of the
   * brokers' clocks; past {@code batch.close-wait}, the newest there is.
   */
  public CutPicker.Pick await(Collection<String> events, long askedMs) {
    long target = Cut.closeOfBucket(askedMs, config.cut().grain());
    warnIfNoArchive();
    Deadline limit = Deadline.after(config.batch().closeWait());
    limit.await(POLL, () -> brokersMs.getAsLong() >= target);
    AtomicReference<CutPicker.Pick> newest = new AtomicReference<>();
    RollRequests rolls = new RollRequests(catalog, events);
    boolean reached =
        limit.await(
            POLL,
            () -> {
              rolls.ask();
              newest.set(picker.pick(events));
              return newest.get().cut().boundaryMs() >= target;
            });
    if (!reached) {
      sayHowFarBehind(newest.get().cut(), askedMs);
    }
    return newest.get();
  }

  private void sayHowFarBehind(Cut cut, long askedMs) {
    say.accept(
        "The archive does not hold everything yet after "
            + DurationText.of(config.batch().closeWait())
            + " (batch.close-wait): this run covers arrivals up to "
            + java.time.Instant.ofEpochMilli(cut.boundaryMs())
            + ", "
            + Math.max(0, (askedMs - cut.boundaryMs()) / 1000)
            + " s before it was started; speed serves the rest.");
  }

  private void warnIfNoArchive() {
    boolean alive =
        catalog.services().heartbeats().stream()
            .filter(h -> h.service().equals(ARCHIVE_SERVICE))
            .anyMatch(h -> h.ageMs() < HEARTBEAT_OLD.toMillis());
    if (!alive) {
      say.accept(
          "No archive writer reports (recount status); waiting up to "
              + DurationText.of(config.batch().closeWait())
              + " for one, then using the archive without it.");
    }
  }
}
