package dev.recount.batch.run;

import dev.recount.batch.compute.DueView;
import dev.recount.batch.cut.ArchiveCuts;
import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.Publisher;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.KeptRuns;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunCatalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import dev.recount.planner.table.PinotTables;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;

/**
 * Recomputes views from the archive and publishes them: {@code recount batch run}; or has one serve
 * again what an earlier run published: {@code recount batch rollback}.
 */
public final class BatchRunner {
  private static final String NAME = "recount batch run";

  /** A server may take its time over a swap, and over a large segment. */
  private static final Duration PINOT_PATIENCE = Duration.ofMinutes(5);

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final Configuration hadoop = new Configuration();
  private final RunFolders folders;
  private final PinotController controller;
  private final Catalog patient;

  public BatchRunner(RecountConfig config, Catalog catalog, Clock clock, Progress progress) {
    this.config = config;
    this.catalog = catalog;
    this.patient = catalog.patient(RunFrame.AWAY);
    this.clock = clock;
    this.progress = progress;
    this.folders = new RunFolders(config.lakeUri(), hadoop);
    this.controller = new PinotController(config, PINOT_PATIENCE, RunFrame.AWAY);
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
    RunFrame.requireRoom(config, "start a batch run");
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
    RunFrame.requireRoom(config, "roll back view '" + order.view() + "'");
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
      return RollbackReport.of(
          target.publication(), parts, warnings(target.publication()), summary);
    }
  }

  private RollbackReport preview(ViewPlan plan, KeptRuns.Target target) {
    return RollbackReport.of(
        target.publication(),
        parts(plan, target.publication()),
        warnings(target.publication()),
        target.isServing());
  }

  /** The assertions that do not hold of what a run published. */
  private List<String> warnings(Publication target) {
    return catalog.runs().find(target.runId()).stream()
        .flatMap(run -> run.views().stream())
        .filter(view -> view.table().equals(target.tableName()))
        .flatMap(view -> view.warnings().stream())
        .toList();
  }

  private RollbackParts parts(ViewPlan plan, Publication target) {
    return RollbackParts.of(
        target,
        catalog.batch().serving(plan.table()).orElse(null),
        controller.servedSegments(plan.table()));
  }

  private HeldLease turn(boolean isPatient) {
    RunLock lock = new RunLock(patient, progress::say);
    return isPatient ? lock.await() : lock.takeNow();
  }

  /** Ends what dead runs had begun; for each table where that failed, why. */
  private Map<String, RuntimeException> settle(HeldLease lease) {
    lease.requireHeld();
    new DeadRuns(patient, config.batch()).allAreDead();
    return publisher(lease).settleAll();
  }

  private Publisher publisher(HeldLease lease) {
    return new Publisher(
        patient,
        controller,
        new ServedTables(config, RunFrame.AWAY),
        hadoop,
        clock,
        lease::requireHeld);
  }

  private RunSummary run(HeldLease lease, RunWork work, Function<Running, RunSummary> body) {
    long askedMs = clock.millis();
    RunFrame.Order order =
        new RunFrame.Order(
            RunCatalog.mode(work.views()),
            work.origin(),
            work.attempt(),
            work.views(),
            work.requests());
    return new RunFrame(config, catalog, clock, progress, folders)
        .run(
            lease,
            order,
            run -> {
              new DueViews(patient).askForNewer(work);
              return body.apply(new Running(run, work.plans(), askedMs, lease));
            });
  }

  /** A run that the catalog knows of. */
  private final class Running {
    private final RunContext run;
    private final RunRecord record;
    private final List<ViewPlan> plans;
    private final long askedMs;
    private final Publisher publisher;

    Running(RunContext run, List<ViewPlan> plans, long askedMs, HeldLease lease) {
      this.run = run;
      this.record = run.record();
      this.plans = plans;
      this.askedMs = askedMs;
      this.publisher = publisher(lease);
    }

    /** What a roll-back does once it is known of. */
    private RunSummary rollBack(Publication target, RollbackParts parts) {
      try {
        record.warned(plans.get(0), warnings(target));
        return new Rollback(config, patient, folders, publisher)
            .run(run, plans.get(0), target, parts, run.folder());
      } catch (Exception | FSError e) {
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
      try (RunSpark spark = new RunSpark(NAME, config, run)) {
        List<ViewPlan> sound =
            plans.stream().filter(plan -> isSound(plan, unsettled.get(plan.table()))).toList();
        requireAny(sound);
        CutPicker.Pick pick = run.steps().time("wait", () -> pick(sound));
        record.picked(pick);
        List<DueView> due = withModes(due(sound, pick.cut()));
        return new RunComputation(config, patient, folders, publisher)
            .run(spark.session(), run, pick.cut(), due);
      }
    }

    /** A cut that covers what had arrived when the run began, and when new versions did. */
    private CutPicker.Pick pick(List<ViewPlan> sound) {
      long begunMs =
          new NewVersions(patient, clock, run.progress()::say).awaitBegun(sound, askedMs);
      return new ArchiveCuts(config, patient, clock, run.progress(), RunFrame.AWAY)
          .pick(read(sound), begunMs);
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
        record.requireNoneFailed();
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
          run.progress().say("Leaving out view '" + plan.versionName() + "': " + reason);
        }
      }
      if (due.isEmpty()) {
        record.requireNoneFailed();
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
          plan.shownName(),
          plan.table());
    }
  }

  /** The events that the cut must cover: those that are counted, and those that are joined. */
  private static Set<String> read(List<ViewPlan> plans) {
    return plans.stream()
        .flatMap(plan -> plan.events().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
