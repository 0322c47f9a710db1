package dev.recount.core.catalog;

import dev.recount.core.Deadline;
import dev.recount.core.Loop;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lease that this process holds and renews each second, until it is closed. */
public final class HeldLease implements AutoCloseable {
  /** How long a holder may be silent until another may take its lease. */
  public static final Duration SILENCE = Duration.ofSeconds(5);

  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(HeldLease.class);

  private final LeaseCatalog leases;
  private final String name;
  private final String holder;
  private final Loop renewing;

  private HeldLease(LeaseCatalog leases, String name, String holder) {
    this.leases = leases;
    this.name = name;
    this.holder = holder;
    this.renewing = Loop.start("lease " + name, BEAT, () -> leases.renew(name, holder));
  }

  /**
   * Takes a lease and keeps it.
   *
   * @param holder a name that no other process uses
   * @return empty if another holds it
   */
  public static Optional<HeldLease> take(LeaseCatalog leases, String name, String holder) {
    return leases.take(name, holder, SILENCE)
        ? Optional.of(new HeldLease(leases, name, holder))
        : Optional.empty();
  }

  /**
   * Takes a lease and keeps it, however long another holds it.
   *
   * @param waiting called once if it has to wait
   */
  public static HeldLease await(LeaseCatalog leases, String name, String holder, Runnable waiting) {
    Optional<HeldLease> taken = take(leases, name, holder);
    if (taken.isEmpty()) {
      waiting.run();
    }
    while (taken.isEmpty()) {
      Deadline.after(BEAT).pause(BEAT);
      taken = take(leases, name, holder);
    }
    return taken.get();
  }

  public String name() {
    return name;
  }

  /**
   * Asks the catalog whether the lease is still held, and waits if it is away; for use before each
   * step that others see.
   *
   * @throws RecountException BATCH_FAILED if another has taken it, as it may after a long silence
   */
  public void requireHeld() {
    if (!isRenewed()) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED,
          "Cannot go on: the lease '%s' was lost to %s, because this process was silent for longer"
              + " than %s s; nothing more is changed, start it again",
          name,
          leases.find(name).map(Lease::holder).orElse("one that has ended since"),
          SILENCE.toSeconds());
    }
  }

  private boolean isRenewed() {
    Deadline limit = Deadline.after(PATIENCE);
    while (true) {
      try {
        return leases.renew(name, holder);
      } catch (RecountException e) {
        if (limit.isExpired() || e.code() != ErrorCode.CATALOG_UNAVAILABLE) {
          throw e;
        }
        limit.pause(BEAT);
      }
    }
  }

  /** Gives the lease back. If the catalog is away, it ends by silence. */
  @Override
  public void close() {
    renewing.close();
    try {
      renewing.join(CLOSE_LIMIT);
      leases.release(name, holder);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RecountException e) {
      LOG.warn("The lease '{}' ends by silence: {}", name, e.getMessage());
    }
  }
}
