package dev.recount.batch.run;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.process.ThisProcess;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Lets one run at a time pass on a catalog, whatever its host; and one backfill of each table. */
public final class RunLock {
  private static final Duration POLL = Duration.ofMillis(500);

  /** How the janitor is called while it settles what dead runs had begun. */
  private static final String JANITOR = "the janitor in ";

  /** The janitor is done within seconds: it is no run that anybody must know of. */
  private static final Duration JANITOR_PATIENCE = Duration.ofSeconds(30);

  /** A run and a backfill of each view may be under way; among so many runs the holder is found. */
  private static final int NEWEST = 20;

  private final Catalog catalog;
  private final String lease;
  private final Consumer<String> say;
  private final String holder;
  private Lease silent;
  private long silentSinceNanos;

  /**
   * @param say told, in a sentence, what is waited for
   */
  public RunLock(Catalog catalog, Consumer<String> say) {
    this(catalog, Lease.BATCH_RUN, say, ThisProcess.name());
  }

  private RunLock(Catalog catalog, String lease, Consumer<String> say, String name) {
    this.catalog = catalog;
    this.lease = lease;
    this.say = say;
    this.holder = name + " (" + UUID.randomUUID() + ")";
  }

  /** For the janitor, which keeps runs away for some seconds. */
  public static RunLock ofJanitor(Catalog catalog) {
    return new RunLock(catalog, Lease.BATCH_RUN, sentence -> {}, JANITOR + ThisProcess.name());
  }

  /** Lets one backfill of a table at a time pass; runs are not kept away by it. */
  public static RunLock ofBackfill(Catalog catalog, String table, Consumer<String> say) {
    return new RunLock(catalog, Lease.backfill(table), say, ThisProcess.name());
  }

  /** Takes the lease if nobody has it; a holder that is silent is watched for a while first. */
  private Optional<HeldLease> tryTake() {
    Optional<Lease> held = catalog.leases().find(lease);
    if (held.isPresent() && !isDead(held.get())) {
      return Optional.empty();
    }
    return HeldLease.take(catalog.leases(), lease, holder);
  }

  private boolean isDead(Lease held) {
    if (held.ageMs() <= HeldLease.SILENCE.toMillis()) {
      silent = null;
      return false;
    }
    if (silent == null || !silent.holder().equals(held.holder())) {
      silent = held;
      silentSinceNanos = System.nanoTime();
    }
    return System.nanoTime() - silentSinceNanos >= DeadRuns.WATCH.toNanos();
  }

  /** Waits for its turn, however long that takes. */
  public HeldLease await() {
    String told = null;
    while (true) {
      Optional<HeldLease> taken = tryTake();
      if (taken.isPresent()) {
        return taken.get();
      }
      String who = whoHasIt();
      if (!who.equals(told)) {
        say.accept("Waiting for " + who + " ...");
        told = who;
      }
      Deadline.after(POLL).pause(POLL);
    }
  }

  /** Empty if another has it; a holder that is silent is watched until it is sure to be dead. */
  public Optional<HeldLease> takeIfFree() {
    Deadline watch = Deadline.after(DeadRuns.WATCH.plus(POLL));
    while (true) {
      Optional<HeldLease> taken = tryTake();
      if (taken.isPresent() || silent == null || watch.isExpired()) {
        return taken;
      }
      watch.pause(POLL);
    }
  }

  /**
   * Waits for nobody but the janitor.
   *
   * @throws RecountException BATCH_ALREADY_RUNNING if another has it
   */
  public HeldLease takeNow() {
    Deadline patience = Deadline.after(JANITOR_PATIENCE);
    Optional<HeldLease> taken = takeIfFree();
    while (taken.isEmpty() && isJanitors() && !patience.isExpired()) {
      patience.pause(POLL);
      taken = takeIfFree();
    }
    return taken.orElseThrow(
        () ->
            RecountException.of(
                ErrorCode.BATCH_ALREADY_RUNNING,
                "Cannot %s: %s is under way; wait until it ends (recount status shows it), or leave"
                    + " out --no-wait",
                lease.equals(Lease.BATCH_RUN) ? "start a batch run" : "begin another backfill",
                whoHasIt()));
  }

  private boolean isJanitors() {
    return catalog
        .leases()
        .find(lease)
        .filter(held -> held.holder().startsWith(JANITOR))
        .isPresent();
  }

  private String whoHasIt() {
    String process =
        catalog
            .leases()
            .find(lease)
            .map(held -> held.holder().replaceFirst(" \\(.*", ""))
            .orElse("another process");
    return catalog.runs().newest(NEWEST).stream()
        .filter(run -> !run.hasEnded())
        .filter(run -> ThisProcess.name(run.processId(), run.host()).equals(process))
        .findFirst()
        .map(
            r ->
                "run "
                    + r.runId()
                    + " of "
                    + ThisProcess.name(r.processId(), r.host())
                    + ", which has been running since "
                    + r.started())
        .orElse(process);
  }
}
