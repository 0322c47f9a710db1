package dev.recount.batch.backfill;

import dev.recount.batch.archive.ArchiveReading;
import dev.recount.batch.compute.Counted;
import dev.recount.batch.compute.DueView;
import dev.recount.batch.compute.Piece;
import dev.recount.batch.compute.RangeComputation;
import dev.recount.batch.compute.RangePieces;
import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.run.DueViews;
import dev.recount.batch.run.RunContext;
import dev.recount.batch.run.RunFrame;
import dev.recount.batch.run.RunLock;
import dev.recount.batch.run.RunPublication;
import dev.recount.batch.run.RunSpark;
import dev.recount.batch.run.RunSummary;
import dev.recount.batch.run.ViewModes;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.TimeRange;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import dev.recount.planner.row.SparkSessions;
import dev.recount.planner.table.PinotTables;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Counts one range of a view's time again and replaces just that: {@code recount batch backfill}.
 *
 * <p>The counting is beside other runs. Only the replacement takes the lease that runs need, and
 * what they have published meanwhile is what it builds on.
 */
public final class Backfiller {
  private static final String NAME = "recount batch backfill";
  private static final Duration PINOT_PATIENCE = Duration.ofMinutes(5);

  /** How often the cut is followed before the lease is waited for that keeps it where it is. */
  private static final int ROUNDS = 3;

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final Configuration hadoop = new Configuration();
  private final RunFolders folders;
  private final PinotController controller;

  public Backfiller(RecountConfig config, Catalog catalog, Clock clock, Progress progress) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.folders = new RunFolders(config.lakeUri(), hadoop);
    this.controller = new PinotController(config, PINOT_PATIENCE, RunFrame.AWAY);
  }

  /**
   * Does it, and returns once the new answers are served.
   *
   * @return empty if there is nothing in the range, neither served nor archived
   * @throws RecountException VIEW_UNKNOWN; VIEW_INVALID if the view has no time;
   *     BATCH_ALREADY_RUNNING, BATCH_CANCELLED, or what went wrong: the old answers are served
   *     then, and the pieces that are finished are not computed again the next time
   */
  public Optional<RunSummary> run(BackfillOrder order) {
    ViewPlan plan = plan(order.view());
    settle(plan, order.isPatient());
    modes(catalog).backfill(plan);
    RunFrame.requireRoom(config, "backfill view '" + plan.shownName() + "'");
    RunLock lock = RunLock.ofBackfill(catalog, plan.table(), progress::say);
    try (HeldLease lease = order.isPatient() ? lock.await() : lock.takeNow()) {
      new DeadRuns(catalog, config.batch()).backfillsAreDead(plan.table());
      RunFrame.Order framed =
          new RunFrame.Order(
              BatchRun.BACKFILL,
              RunRequest.HAND,
              0,
              List.of(RunView.due(plan.view(), plan.table(), BatchRun.BACKFILL)),
              List.of());
      return new RunFrame(config, catalog, clock, progress, folders)
          .run(lease, framed, run -> new Running(run, plan, order).run());
    }
  }

  /**
   * What a run has begun of this view is ended first, or waited for: a backfill that was killed
   * after its swap serves what the catalog does not know yet.
   */
  private void settle(ViewPlan plan, boolean isPatient) {
    boolean isBegun =
        catalog.batch().publishing().stream()
            .anyMatch(publication -> publication.tableName().equals(plan.table()));
    if (isBegun) {
      RunLock lock = new RunLock(catalog, progress::say);
      try (HeldLease turn = isPatient ? lock.await() : lock.takeNow()) {
        settled(plan, catalog, turn);
      }
    }
  }

  private Publisher settled(ViewPlan plan, Catalog from, HeldLease turn) {
    turn.requireHeld();
    new DeadRuns(from, config.batch()).allAreDead();
    Publisher publisher =
        new Publisher(
            from,
            controller,
            new ServedTables(config, RunFrame.AWAY),
            hadoop,
            clock,
            turn::requireHeld);
    RuntimeException unsettled = publisher.settleAll().get(plan.table());
    if (unsettled != null) {
      throw unsettled;
    }
    return publisher;
  }

  /** What it would do; changes nothing. */
  public BackfillForecast forecast(BackfillOrder order) {
    ViewPlan plan = plan(order.view());
    DueView view = modes(catalog).backfill(plan);
    SparkSession spark = SparkSessions.local(NAME, config.batch().threads());
    try (ArchiveReading reading = ArchiveReading.begin(catalog, plan.events())) {
      RangeComputation computation = computation(spark, catalog, plan, order.range());
      RangeArchive archive =
          RangeArchive.list(config, catalog, folders, view, computation, order.pace());
      BackfillForecast forecast =
          BackfillForecast.of(
              view,
              computation.range(),
              archive,
              archive.pieces().events().count(spark),
              computation.touched(view.before().parts()),
              BackfillForecast.seconds(
                  catalog.runs().newest(plan.view(), BackfillForecast.RUNS),
                  archive.pieces().work(archive.pieces().missing()),
                  order.pace()));
      reading.requireHeld();
      return forecast;
    } finally {
      spark.stop();
    }
  }

  private ViewPlan plan(String name) {
    new DueViews(catalog).choose(List.of(name));
    ViewPlan plan =
        catalog
            .views()
            .named(name)
            .orElseThrow(
                () ->
                    RecountException.of(
                        ErrorCode.VIEW_UNKNOWN,
                        "Cannot find '%s': it was dropped a moment ago",
                        name))
            .plan();
    if (plan.time().isEmpty()) {
      throw RecountException.of(
          ErrorCode.VIEW_INVALID,
          "Cannot replace a range of view '%s': it does not say which column is its time; add a"
              + " line '-- @time COLUMN' and apply it, or count all of it: recount batch run %s",
          plan.shownName(),
          plan.view());
    }
    return plan;
  }

  private ViewModes modes(Catalog from) {
    return new ViewModes(from, controller, new PinotTables(config), folders, progress);
  }

  private RangeComputation computation(
      SparkSession spark, Catalog from, ViewPlan plan, TimeRange asked) {
    List<EventSchema> events =
        plan.events().stream().map(e -> from.events().schema(e).orElseThrow()).toList();
    return new RangeComputation(
        spark, folders, plan, events.get(0), events.size() > 1 ? events.get(1) : null, asked);
  }

  /** A run that the catalog knows of. */
  private final class Running {
    private final Catalog patient = catalog.patient(RunFrame.AWAY);
    private final RunContext run;
    private final ViewPlan plan;
    private final BackfillOrder order;
    private final Set<Path> used = new LinkedHashSet<>();
    private long events;

    Running(RunContext run, ViewPlan plan, BackfillOrder order) {
      this.run = run;
      this.plan = plan;
      this.order = order;
    }

    Optional<RunSummary> run() {
      try (RunSpark starting = new RunSpark(NAME, config, run)) {
        SparkSession spark = starting.session();
        RangeComputation computation = computation(spark, patient, plan, order.range());
        sayWhatIsRead(computation);
        catchUp(computation);
        return replace(spark, computation);
      }
    }

    private void sayWhatIsRead(RangeComputation computation) {
      run.progress()
          .say(
              "Counting view '"
                  + plan.shownName()
                  + "' again from "
                  + computation.range()
                  + (computation.range().equals(order.range())
                      ? ""
                      : ", which is "
                          + order.range()
                          + " with whole groups of '"
                          + plan.time().orElseThrow()
                          + "'"));
      if (computation.eventTimes().isEmpty()) {
        run.progress()
            .say(
                "Column '"
                    + plan.time().orElseThrow()
                    + "' does not tell when its events happened: all of the archive is read");
      }
    }

    /** Counts up to the cut that is served, and again what has come if that moves meanwhile. */
    private void catchUp(RangeComputation computation) {
      long done = -1;
      for (int i = 0; i < ROUNDS; i++) {
        DueView view = modes(patient).backfill(plan);
        if (view.before().cutMs() == done) {
          return;
        }
        done = view.before().cutMs();
        count(computation, view);
      }
    }

    /** While no other run publishes, so that the cut stays where it is. */
    private Optional<RunSummary> replace(SparkSession spark, RangeComputation computation) {
      try (HeldLease turn =
          run.steps().time("turn", new RunLock(patient, run.progress()::say)::await)) {
        Publisher publisher = settled(plan, patient, turn);
        DueView view = modes(patient).backfill(plan);
        Cut cut = new Cut(view.before().cutMs(), config.cut().grain());
        run.record().picked(new CutPicker.Pick(cut, Map.of()));
        RangePieces.Rows rows = count(computation, view);
        List<BatchPart> touched = computation.touched(view.before().parts());
        if (rows.count() == 0 && touched.isEmpty()) {
          run.record().leftOut(plan, "there is no event in " + computation.range());
          dropPieces();
          return Optional.empty();
        }
        Counted counted =
            run.steps()
                .time(
                    "replace",
                    () ->
                        computation.replaced(
                            view, touched, rows.folders(), rows.count(), run.record().runId()));
        RunSummary summary =
            new RunPublication(config, patient, folders, publisher)
                .publish(spark, run, cut, List.of(counted), events);
        if (!summary.views().isEmpty()) {
          dropPieces();
        }
        return Optional.of(summary);
      }
    }

    /** What cannot be removed now is removed by the janitor. */
    private void dropPieces() {
      for (Path pieces : used) {
        try {
          folders.dropBackfill(plan.table(), pieces);
        } catch (RecountException e) {
          run.log().failed("Finished pieces of " + plan.table() + " stay for now", e);
        }
      }
    }

    /** The rows of the range up to the cut; pieces that are finished are only looked up. */
    private RangePieces.Rows count(RangeComputation computation, DueView view) {
      try (ArchiveReading reading = ArchiveReading.begin(patient, plan.events())) {
        RangeArchive archive =
            run.steps()
                .time(
                    "list",
                    () ->
                        RangeArchive.list(
                            config, patient, folders, view, computation, order.pace()));
        // At its turn it looks for all pieces again, and knows its own.
        boolean isFirst = used.isEmpty();
        used.add(archive.folder());
        RangePieces pieces = archive.pieces();
        List<Piece> missing = pieces.missing();
        if (isFirst && missing.size() < pieces.size()) {
          run.progress()
              .say(
                  pieces.size()
                      - missing.size()
                      + " of "
                      + pieces.size()
                      + " pieces are finished already");
        }
        if (!missing.isEmpty()) {
          count(pieces, missing, reading);
        }
        return pieces.rows();
      }
    }

    private void count(RangePieces pieces, List<Piece> missing, ArchiveReading reading) {
      RangeComputation.Copies copies =
          plan.distinct().isEmpty()
              ? RangeComputation.Copies.none()
              : run.steps().time("copies", () -> copies(pieces, missing));
      try (Progress.Step step =
          run.progress()
              .step("backfill view " + plan.shownName(), "events", pieces.work(missing))) {
        for (Piece piece : missing) {
          run.steps().time("compute", () -> finish(pieces, piece, copies, step));
          reading.requireHeld();
          events += pieces.work(List.of(piece));
          run.record().read(events);
        }
      }
    }

    private RangeComputation.Copies copies(RangePieces pieces, List<Piece> missing) {
      RangeComputation.Copies copies = pieces.copies(missing);
      run.progress()
          .say(
              copies.count() + " events are copies of an earlier " + plan.distinct().orElseThrow());
      return copies;
    }

    /** A piece that fails is tried again alone. */
    private Piece finish(
        RangePieces pieces, Piece piece, RangeComputation.Copies copies, Progress.Step step) {
      new Tries(
              run.stop()::requireNone,
              failure -> run.log().failed("Piece " + piece.name() + " is tried again", failure),
              pause -> Deadline.after(pause).pause(pause))
          .run(() -> pieces.compute(piece, copies, run.record().runId(), step));
      return piece;
    }
  }
}
