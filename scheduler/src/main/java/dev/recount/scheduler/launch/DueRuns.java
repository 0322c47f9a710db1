package dev.recount.scheduler.launch;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.config.RecountConfig;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a run when views are due and none is under way; views that are due together share it.
 * Notes runs that died, and has their remains removed.
 */
public final class DueRuns {
  private static final Logger LOG = LoggerFactory.getLogger(DueRuns.class);
  private static final Duration MOST_PAUSE = Duration.ofMinutes(5);

  /** Runs among which one is looked for that has just begun. */
  private static final int NEWEST = 5;

  private final Catalog catalog;
  private final Clock clock;
  private final Command command;
  private final Task clean;
  private final DeadRuns dead;
  private final Duration firstPause;
  private Duration pause;
  private Deadline next = Deadline.after(Duration.ZERO);
  private Set<String> asked = Set.of();
  private Instant started;
  private long pid;
  private String runId;
  private volatile String problem;

  /**
   * @param clean what removes the remains of failed runs
   * @param firstPause after a start in vain; doubled with each
   */
  public DueRuns(
      Catalog catalog,
      RecountConfig config,
      Launcher launcher,
      Task clean,
      Clock clock,
      Duration firstPause) {
    this.catalog = catalog;
    this.clock = clock;
    this.clean = clean;
    this.firstPause = firstPause;
    this.pause = firstPause;
    this.command =
        new Command(
            launcher, config.home().logs().resolve("batch-run.log"), "batch", "run", "--due");
    this.dead = new DeadRuns(catalog, config.batch());
  }

  /** Notes which run has begun, and how it ended. */
  public void settle() {
    if (!command.isUnderWay()) {
      return;
    }
    boolean hasEnded = command.hasEnded();
    // The catalog is asked first: if it fails, the exit code is still there the next time.
    find();
    if (!hasEnded) {
      return;
    }
    boolean isUntouched = runId == null && waiting().equals(asked);
    int code = command.ended().orElseThrow();
    LOG.info("Run {} ended with exit code {}", runId == null ? "" : runId, code);
    if (code != 0) {
      clean.want();
    }
    if (runId == null && (code != 0 || isUntouched)) {
      failed(code);
    } else {
      pause = firstPause;
      problem = null;
    }
    runId = null;
  }

  /** The command ended and covered nothing. */
  private void failed(int code) {
    problem =
        "'%s' ended with exit code %d before it recorded a run; its log is '%s'"
            .formatted(command.text(), code, command.log());
    LOG.warn("{}; trying again in {} s", problem, pause.toSeconds());
    next = Deadline.after(pause);
    pause = pause.compareTo(MOST_PAUSE.dividedBy(2)) < 0 ? pause.multipliedBy(2) : MOST_PAUSE;
  }

  private void find() {
    if (runId != null) {
      return;
    }
    Optional<RunReport> begun =
        catalog.runs().newest(NEWEST).stream()
            .filter(run -> run.processId() != null && run.processId() == pid)
            .filter(run -> !run.started().isBefore(started))
            .findFirst();
    if (begun.isPresent()) {
      runId = begun.get().runId();
      LOG.info("Run {} has begun", runId);
    }
  }

  /** Starts a run if one is due: for one scheduler at a time. */
  public void turn() {
    if (!dead.look().isEmpty()) {
      clean.want();
    }
    if (command.isUnderWay()) {
      return;
    }
    List<RunRequest> due = catalog.requests().due();
    if (due.isEmpty()) {
      // A run by hand has covered it, or the view was dropped.
      problem = null;
      return;
    }
    if (!next.isExpired() || isComputing()) {
      return;
    }
    asked = ids(due);
    LOG.info("Due: {}", due.stream().map(RunRequest::viewName).toList());
    // As exact as the start of a run in the catalog, which may be in the same millisecond.
    started = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    command.start();
    pid = command.pid().orElseThrow();
  }

  /** Whether anybody runs, by hand or on another host: what is due then waits for its end. */
  private boolean isComputing() {
    return catalog
        .leases()
        .find(Lease.BATCH_RUN)
        .filter(lease -> lease.ageMs() <= HeldLease.SILENCE.toMillis())
        .isPresent();
  }

  private Set<String> waiting() {
    return ids(catalog.requests().due());
  }

  private static Set<String> ids(List<RunRequest> requests) {
    Set<String> ids = new HashSet<>();
    requests.forEach(request -> ids.add(request.requestId() + " " + request.attempt()));
    return ids;
  }

  /** Why no run could be started; empty if that is not so. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** The run that is under way, once it has a name. */
  public Optional<String> runId() {
    return Optional.ofNullable(runId);
  }

  /** Ends the run that is under way; its views are due again. */
  public void end(Duration patience) throws InterruptedException {
    command.end(patience);
  }
}
