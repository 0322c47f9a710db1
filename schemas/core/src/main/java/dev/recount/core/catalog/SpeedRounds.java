package dev.recount.core.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import java.time.Duration;
import java.util.Optional;

/**
 * How many micro-batches of an event the speed layer has begun and ended, as its heartbeat says: a
 * micro-batch that begins after a change of the catalog follows it.
 */
public final class SpeedRounds {
  /** What the heartbeat calls the micro-batches of an event that the process has begun. */
  public static final String BEGUN = "micro_batches_begun";

  /** And those that it has ended. */
  public static final String ENDED = "micro_batches_ended";

  private static final Duration POLL = Duration.ofMillis(200);

  private final ServiceCatalog services;

  public SpeedRounds(Catalog catalog) {
    this.services = catalog.services();
  }

  /**
   * Waits until no micro-batch is under way that had begun when this was called; at once if no
   * speed layer reports.
   *
   * @return whether that is so before the deadline
   */
  public boolean awaitPassed(String event, Deadline limit) {
    Optional<Heartbeat> beat = beat();
    // The next heartbeat may have been thought of before this call, the one after it was not.
    for (int i = 0; i < 2 && beat.isPresent(); i++) {
      long before = beat.get().beatMs();
      if (!limit.await(POLL, () -> beat().filter(b -> b.beatMs() == before).isEmpty())) {
        return false;
      }
      beat = beat();
    }
    if (beat.isEmpty()) {
      return true;
    }
    long process = beat.get().processId();
    long begun = count(beat.get(), event, BEGUN);
    return limit.await(
        POLL,
        () ->
            beat()
                .filter(b -> b.processId() == process && count(b, event, ENDED) < begun)
                .isEmpty());
  }

  private Optional<Heartbeat> beat() {
    return services.heartbeats().stream()
        .filter(beat -> beat.service().equals(Standstill.SPEED))
        .filter(beat -> beat.ageMs() <= HeldLease.SILENCE.toMillis())
        .findFirst();
  }

  private static long count(Heartbeat beat, String event, String name) {
    return Json.read(beat.detailJson(), JsonNode.class)
        .path("events")
        .path(event)
        .path(name)
        .asLong();
  }
}
