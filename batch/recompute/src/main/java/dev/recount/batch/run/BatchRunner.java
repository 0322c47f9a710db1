package dev.recount.batch.run;

import dev.recount.batch.compute.DueView;
import dev.recount.batch.cut.ArchiveCuts;
import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.Publisher;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.KeptRuns;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunCatalog;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import dev.recount.planner.row.SparkSessions;
import dev.recount.planner.table.PinotTables;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Recomputes views from the archive and publishes them: {@code recount batch run}; or has one serve
 * again what an earlier run published: {@code recount batch rollback}.
 */
public final class BatchRunner {
  private static final String NAME = "recount batch run";

  /** A server may take its time over a swap, and over a large segment. */
  private static final Duration PINOT_PATIENCE = Duration.ofMinutes(5);

  /** How long a run waits while a catalog, or a controller of Pinot, is away. */
  private static final Duration AWAY = Duration.ofMinutes(3);

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final Configuration hadoop = new Configuration();
  private final RunFolders folders;
  private final PinotController controller;

  public BatchRunner(RecountConfig config, Catalog catalog, Clock clock, Progress progress) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.folders = new RunFolders(config.lakeUri(), hadoop);
    this.controller = new PinotController(config, PINOT_PATIENCE, AWAY);
  }

  /** A full run by hand of some views, all if none are named. */
  public RunSummary run(Collection<String> views) {
    return run(RunOrder.full(views)).orElseThrow();
  }

  /**
   * Runs, and returns once the new answers are served. One view's failure does not keep the others
   * from being published.
   *
   * @return empty if only what is due was to be done, and nothing is
   * @throws RecountException VIEW_UNKNOWN, BATCH_ALREADY_RUNNING, BATCH_CANCELLED, or what went
   *     wrong; the answers of before are then still served for the views that failed
   */
  public Optional<RunSummary> run(RunOrder order) {
    DueViews due = new DueViews(catalog);
    if (!order.isDue()) {
      due.choose(order.views());
    }
    requireRoom("start a batch run");
    try (HeldLease lease = turn(order.isPatient())) {
      // Before it is looked what is due: a roll-back among what was begun pauses a schedule.
      Map<String, RuntimeException> unsettled = settle(lease);
      RunWork work = order.isDue() ? due.requested() : due.ordered(order.views(), order.mode());
      return work.plans().isEmpty()
          ? Optional.empty()
          : Optional.of(run(lease, work, running -> running.compute(unsettled)));
    }
  }

  /**
   * Has a view serve again what an earlier run published, with all that arrived since, and pauses
   * its schedule. Nothing is done if that is what is served.
   *
   * @throws RecountException VIEW_UNKNOWN, NOT_FOUND, ROLLBACK_REFUSED, BATCH_ALREADY_RUNNING,
   *     BATCH_CANCELLED, or what went wrong; the answers of before are then still served
   */
  public RollbackReport rollBack(RollbackOrder order) {
    KeptRuns kept = new KeptRuns(catalog, config, clock);
    KeptRuns.Target asked = kept.require(kept.view(order.view()), order.run(), folders::missing);
    if (order.isDryRun()) {
      return preview(kept.view(order.view()).plan(), asked);
    }
    requireRoom("roll back view '" + order.view() + "'");
    try (HeldLease lease = turn(order.isPatient())) {
      RuntimeException unsettled = settle(lease).get(kept.view(order.view()).plan().table());
      if (unsettled != null) {
        throw unsettled;
      }
      ViewVersion view = kept.view(order.view());
      KeptRuns.Target target = kept.require(view, order.run(), folders::missing);
      if (target.isServing()) {
        return preview(view.plan(), target);
      }
      requireTable(view.plan());
      RollbackParts parts = parts(view.plan(), target.publication());
      RunSummary summary =
          run(
              lease,
              RunWork.rollback(view.plan()),
              running -> running.rollBack(target.publication(), parts));
      return RollbackReport.of(target.publication(), parts, summary);
    }
  }

  private RollbackReport preview(ViewPlan plan, KeptRuns.Target target) {
    return RollbackReport.of(
        target.publication(), parts(plan, target.publication()), target.isServing());
  }

  private RollbackParts parts(ViewPlan plan, Publication target) {
    return RollbackParts.of(
        target,
        catalog.batch().serving(plan.table()).orElse(null),
        controller.servedSegments(plan.table()));
  }

  private HeldLease turn(boolean isPatient) {
    RunLock lock = new RunLock(catalog, progress::say);
    return isPatient ? lock.await() : lock.takeNow();
  }

  /** Ends what dead runs had begun; for each table where that failed, why. */
  private Map<String, RuntimeException> settle(HeldLease lease) {
    new DeadRuns(catalog, config.batch()).allAreDead();
    return publisher(catalog.patient(AWAY), lease).settleAll();
  }

  private Publisher publisher(Catalog patient, HeldLease lease) {
    return new Publisher(
        patient, controller, new ServedTables(config), hadoop, clock, lease::requireHeld);
  }

  private void requireRoom(String what) {
    new DiskSpace(config)
        .problem()
        .ifPresent(
            problem -> {
              throw RecountException.of(
                  ErrorCode.DISK_FULL, "Cannot %s: %s; free some space", what, problem);
            });
  }

  private RunSummary run(HeldLease lease, RunWork work, Function<Running, RunSummary> body) {
    long askedMs = clock.millis();
    List<RunView> views = work.views();
    String runId =
        catalog
            .runs()
            .begin(
                askedMs,
                RunCatalog.mode(views),
                work.origin(),
                work.attempt(),
                ThisProcess.host(),
                ThisProcess.id(),
                views);
    catalog.requests().take(runId, work.requests());
    // A process that is told to end waits until the lease is free again.
    try (ProcessEnd end = new ProcessEnd();
        lease;
        RunLog log = RunLog.open(config.home().logs(), runId, clock);
        WorkFolder folder = WorkFolder.make(config.home(), runId)) {
      StopSignal stop = end.signal();
      log.say("Run " + runId + " of " + ThisProcess.name() + ": " + named(views));
      Progress told = progress.alsoTo(log::say);
      Steps steps =
          new Steps(
              (step, seconds) -> log.say(String.format(Locale.ROOT, "%s: %.1f s", step, seconds)));
      try (RunRecord record = new RunRecord(catalog, clock, runId, views, told, steps, stop)) {
        RunContext run = new RunContext(record, steps, told, stop, log);
        return new Running(run, work.plans(), askedMs, lease, folder).run(body);
      }
    }
  }

  /** A run that the catalog knows of. */
  private final class Running {
    private final Catalog patient = catalog.patient(AWAY);
    private final RunContext run;
    private final RunRecord record;
    private final List<ViewPlan> plans;
    private final long askedMs;
    private final WorkFolder folder;
    private final Publisher publisher;

    Running(
        RunContext run, List<ViewPlan> plans, long askedMs, HeldLease lease, WorkFolder folder) {
      this.run = run;
      this.record = run.record();
      this.plans = plans;
      this.askedMs = askedMs;
      this.folder = folder;
      this.publisher = publisher(patient, lease);
    }

    RunSummary run(Function<Running, RunSummary> body) {
      try {
        RunSummary summary = interruptible(body);
        requireNoneFailed();
        succeeded();
        return summary;
      } catch (Throwable e) {
        ended(e);
        throw e;
      }
    }

    private RunSummary interruptible(Function<Running, RunSummary> body) {
      run.stop().begin();
      try {
        RunSummary summary = body.apply(this);
        run.stop().requireNone();
        return summary;
      } catch (Throwable e) {
        // Whatever an interrupted thread fails with, the wish is the cause.
        run.stop().requireNone();
        throw e;
      } finally {
        run.stop().end();
      }
    }

    /** What a roll-back does once it is known of. */
    private RunSummary rollBack(Publication target, RollbackParts parts) {
      try {
        return new Rollback(config, patient, folders, publisher)
            .run(run, plans.get(0), target, parts, folder);
      } catch (RuntimeException e) {
        record.failed(plans.get(0), e);
        throw e;
      }
    }

    /**
     * What a run that counts does once it is known of.
     *
     * @param unsettled for each table where what had been begun could not be ended, why
     */
    private RunSummary compute(Map<String, RuntimeException> unsettled) {
      CompletableFuture<SparkSession> starting =
          CompletableFuture.supplyAsync(
              () -> SparkSessions.local(NAME, config.batch().threads(), folder.path()));
      try {
        List<ViewPlan> sound =
            plans.stream().filter(plan -> isSound(plan, unsettled.get(plan.table()))).toList();
        requireAny(sound);
        CutPicker.Pick pick =
            run.steps()
                .time(
                    "wait",
                    () ->
                        new ArchiveCuts(config, patient, clock, run.progress())
                            .pick(read(sound), askedMs));
        record.picked(pick);
        List<DueView> due = withModes(due(sound, pick.cut()));
        SparkSession spark = run.steps().time("start", starting::join);
        run.stop().cancelsBy(() -> spark.sparkContext().cancelAllJobs());
        return new RunComputation(config, patient, folders, publisher)
            .run(spark, run, pick.cut(), due);
      } finally {
        // Spark that is interrupted while it stops is neither stopped nor usable afterwards.
        run.stop().end();
        starting.thenAccept(SparkSession::stop).join();
      }
    }

    /** What is done for each view; one where that cannot be found out has failed. */
    private List<DueView> withModes(List<ViewPlan> due) {
      ViewModes modes =
          new ViewModes(patient, controller, new PinotTables(config), folders, run.progress());
      List<DueView> found = new ArrayList<>();
      for (ViewPlan plan : due) {
        try {
          DueView view = modes.of(plan, record.mode(plan));
          record.computedAs(plan, view.mode());
          found.add(view);
        } catch (RuntimeException e) {
          run.stop().requireNone();
          record.failed(plan, e);
        }
      }
      return found;
    }

    /** Whether a view can be published at all; if not, it has failed. */
    private boolean isSound(ViewPlan plan, RuntimeException unsettled) {
      try {
        if (unsettled != null) {
          throw unsettled;
        }
        requireTable(plan);
        return true;
      } catch (RuntimeException e) {
        run.stop().requireNone();
        record.failed(plan, e);
        return false;
      }
    }

    private void requireAny(List<ViewPlan> sound) {
      if (sound.isEmpty()) {
        requireNoneFailed();
      }
    }

    private void requireNoneFailed() {
      List<RunView> all = record.views();
      List<RunView> failed =
          all.stream().filter(view -> view.status().equals(RunView.FAILED)).toList();
      if (failed.isEmpty()) {
        return;
      }
      Throwable first = record.firstFailure().orElseThrow();
      if (failed.size() == all.size() && first instanceof RecountException known) {
        throw known;
      }
      throw RecountException.of(
          ErrorCode.BATCH_FAILED,
          first,
          "Cannot publish %s of %s views: %s; the others are published",
          failed.size(),
          all.size(),
          failed.stream()
              .map(view -> view.view() + ": " + view.error())
              .collect(Collectors.joining("; ")));
    }

    private void succeeded() {
      patient.requests().done(record.runId(), record.done());
      // Views that were left out: not one of them has failed.
      patient.requests().giveBackLater(record.runId(), config.batch().retryPause());
      if (!record.end(BatchRun.SUCCEEDED, null, null)) {
        run.log().say("Another process has marked this run failed, though all is published");
      }
    }

    private void ended(Throwable cause) {
      StopSignal.Kind wished = run.stop().kind();
      if (wished == null) {
        run.log().failed("The run fails", cause);
      } else {
        run.log().say("The run ends early: " + run.stop().reason());
      }
      try {
        patient.requests().done(record.runId(), record.done());
        if (wished == null) {
          record.end(BatchRun.FAILED, cause, RunRecord.text(cause) + giveBack());
        } else {
          leaveRequests(wished);
          record.end(wished.status(), cause, run.stop().reason());
        }
        dropUnpublished();
      } catch (RuntimeException e) {
        // The next run, or whoever looks, settles it.
        cause.addSuppressed(e);
      }
    }

    private void leaveRequests(StopSignal.Kind wished) {
      if (wished == StopSignal.Kind.CANCELLED) {
        patient.requests().giveUp(record.runId());
      } else if (wished == StopSignal.Kind.ENDING) {
        patient.requests().giveBackUntried(record.runId());
      }
    }

    /** What was not done is due again; says so if it is not. */
    private String giveBack() {
      List<RunRequest> dropped =
          patient
              .requests()
              .giveBack(record.runId(), config.batch().retries(), config.batch().retryPause());
      return dropped.isEmpty()
          ? ""
          : "; gave up after "
              + (dropped.get(0).attempt() + 1)
              + " attempts: "
              + dropped.stream().map(RunRequest::viewName).collect(Collectors.joining(", "));
    }

    private void dropUnpublished() {
      for (ViewPlan plan : plans) {
        boolean isPublished =
            patient
                .batch()
                .find(record.runId(), plan.table())
                .filter(p -> !p.status().equals(Publication.FAILED))
                .isPresent();
        if (!isPublished) {
          folders.drop(plan.table(), record.runId());
        }
      }
    }

    /**
     * The views that a run up to this cut takes forward. One whose events were all archived before
     * may be served further than the archive of the other events allows now.
     */
    private List<ViewPlan> due(List<ViewPlan> sound, Cut cut) {
      List<ViewPlan> due = new ArrayList<>();
      for (ViewPlan plan : sound) {
        long served = patient.batch().serving(plan.table()).map(Publication::cutMs).orElse(0L);
        if (served <= cut.boundaryMs()) {
          due.add(plan);
        } else {
          String reason =
              "it is served up to "
                  + Instant.ofEpochMilli(served)
                  + ", but the archive of this run's events only reaches "
                  + Instant.ofEpochMilli(cut.boundaryMs())
                  + "; run it by name, and see 'recount status'";
          record.leftOut(plan, reason);
          run.progress().say("Leaving out view '" + plan.view() + "': " + reason);
        }
      }
      if (due.isEmpty()) {
        requireNoneFailed();
        throw RecountException.of(
            ErrorCode.BATCH_FAILED,
            "Cannot run the batch: the archive only reaches %s, and every view is served "
                + "beyond that already; see 'recount status'",
            Instant.ofEpochMilli(cut.boundaryMs()));
      }
      return due;
    }
  }

  private void requireTable(ViewPlan plan) {
    if (!controller.hasOfflineTable(plan.table())) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED,
          "Cannot publish view '%s': Pinot has no table '%s_OFFLINE'; run 'recount apply'",
          plan.view(),
          plan.table());
    }
  }

  /** The events that the cut must cover: those that are counted, and those that are joined. */
  private static String named(List<RunView> views) {
    return views.stream().map(v -> v.view() + " " + v.mode()).collect(Collectors.joining(", "));
  }

  private static Set<String> read(List<ViewPlan> plans) {
    return plans.stream()
        .flatMap(plan -> plan.events().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
