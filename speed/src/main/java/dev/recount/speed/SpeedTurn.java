package dev.recount.speed;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.catalog.LeaseCatalog;
import dev.recount.core.process.ThisProcess;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.UUID;

/**
 * Which speed process of a catalog may begin new generations: the first that runs, until it is
 * stopped or silent for long. So a second one, whose host has no checkpoint, takes no event from
 * one that counts it. Thread-safe.
 */
final class SpeedTurn {
  private static final String LEASE = "speed";

  private final LeaseCatalog leases;
  private final String holder;
  private boolean isGivenBack;

  /** Until when no other process can have taken the turn; null if this one may not have it. */
  private volatile Deadline sure;

  SpeedTurn(LeaseCatalog leases) {
    this.leases = leases;
    this.holder = ThisProcess.name() + " (" + UUID.randomUUID() + ")";
  }

  /**
   * Takes the turn if it is free, and says that this process lives; to be called again and again.
   */
  synchronized boolean keep() {
    // The catalog hears of it later than this, so that others wait for longer.
    Deadline silence = Deadline.after(HeldLease.SILENCE);
    boolean isHeld = !isGivenBack && leases.take(LEASE, holder, HeldLease.SILENCE);
    sure = isHeld ? silence : null;
    return isHeld;
  }

  /** Whether this process has the turn, also if the catalog cannot be asked now. */
  boolean isSure() {
    Deadline known = sure;
    return known != null && !known.isExpired();
  }

  /**
   * Takes the turn to begin a new generation.
   *
   * @param lost why there must be one
   * @throws RecountException SPEED_CHECKPOINT_LOST if another process has it
   */
  void require(String event, RecountException lost) {
    if (!keep()) {
      throw RecountException.of(
          ErrorCode.SPEED_CHECKPOINT_LOST,
          lost,
          "Cannot begin a new generation of the speed layer of event '%s', as %s runs the speed layer"
              + " of this catalog; run one on a catalog: stop this one or that one, within %s s of"
              + " whose end this one begins by itself. It would have to begin anew, for: %s",
          event,
          leases.find(LEASE).map(Lease::holder).orElse("one that has ended since"),
          HeldLease.SILENCE.toSeconds(),
          lost.getMessage());
    }
  }

  /** Gives the turn back for good, if this process has it. */
  synchronized void giveBack() {
    isGivenBack = true;
    sure = null;
    leases.release(LEASE, holder);
  }
}
