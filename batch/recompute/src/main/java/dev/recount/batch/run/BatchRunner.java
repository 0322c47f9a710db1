package dev.recount.batch.run;

import dev.recount.batch.compute.DueView;
import dev.recount.batch.cut.ArchiveCuts;
import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.DeadRuns;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.publish.RunRecord;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.cli.Progress;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** Recomputes views over the whole archive and publishes them: {@code recount batch run}. */
public final class BatchRunner {
  /** A server may take its time over a swap, and over a large segment. */
  private static final Duration PINOT_PATIENCE = Duration.ofMinutes(5);

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final Configuration hadoop = new Configuration();
  private final RunFolders folders;
  private final PinotController controller;
  private final Publisher publisher;

  public BatchRunner(RecountConfig config, Catalog catalog, Clock clock, Progress progress) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.folders = new RunFolders(config.lakeUri(), hadoop);
    this.controller = new PinotController(config, PINOT_PATIENCE);
    this.publisher = new Publisher(catalog, controller, new ServedTables(config), hadoop, clock);
  }

  /**
   * Runs, and returns once the new answers are served.
   *
   * @param views names; empty for all
   * @throws RecountException VIEW_UNKNOWN, BATCH_ALREADY_RUNNING, or what went wrong; the answers
   *     of before are then still served
   */
  public RunSummary run(Collection<String> views) {
    return run(views, RunRequest.FULL);
  }

  /**
   * The same.
   *
   * @param mode {@link RunRequest#FULL} or {@link RunRequest#INCREMENTAL}; a view that cannot be
   *     added to is recomputed in full all the same
   */
  public RunSummary run(Collection<String> views, String mode) {
    long askedMs = clock.millis();
    RunLock lock = RunLock.take(config.home().run().resolve("batch.lock"));
    try {
      List<ViewPlan> plans = new DueViews(catalog).choose(views);
      new DeadRuns(catalog, publisher, clock).settle();
      plans.forEach(this::requireTable);
      return record(askedMs, plans, mode);
    } finally {
      lock.close();
    }
  }

  private RunSummary record(long askedMs, List<ViewPlan> plans, String mode) {
    RunRecord record = RunRecord.begin(catalog, clock, askedMs);
    try {
      RunSummary summary = compute(record, askedMs, plans, mode);
      record.succeeded();
      return summary;
    } catch (RuntimeException | Error e) {
      record.failed(e);
      throw e;
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

  private RunSummary compute(RunRecord record, long askedMs, List<ViewPlan> plans, String mode) {
    Steps steps = new Steps();
    CompletableFuture<SparkSession> starting = CompletableFuture.supplyAsync(this::startSpark);
    try {
      CutPicker.Pick pick =
          steps.time(
              "wait",
              () -> new ArchiveCuts(config, catalog, clock, progress).pick(read(plans), askedMs));
      ViewModes modes =
          new ViewModes(catalog, controller, new PinotTables(config), folders, progress);
      List<DueView> due =
          due(plans, pick.cut()).stream().map(plan -> modes.of(plan, mode)).toList();
      record.picked(pick);
      SparkSession spark = steps.time("start", starting::join);
      return new RunComputation(config, catalog, folders, publisher, progress)
          .run(spark, record, pick.cut(), steps, due);
    } finally {
      starting.thenAccept(SparkSession::stop).join();
    }
  }

  /**
   * The views that a run up to this cut takes forward. One whose events were all archived before
   * may be served further than the archive of the other events allows now.
   */
  private List<ViewPlan> due(List<ViewPlan> plans, Cut cut) {
    List<ViewPlan> due = new ArrayList<>();
    for (ViewPlan plan : plans) {
      long served = catalog.batch().serving(plan.table()).map(Publication::cutMs).orElse(0L);
      if (served <= cut.boundaryMs()) {
        due.add(plan);
      } else {
        progress.say(
            "Leaving out view '"
                + plan.view()
                + "': it is served up to "
                + Instant.ofEpochMilli(served)
                + ", but the archive of this run's events only reaches "
                + Instant.ofEpochMilli(cut.boundaryMs())
                + "; run it by name, and see 'recount status'");
      }
    }
    if (due.isEmpty()) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED,
          "Cannot run the batch: the archive only reaches %s, and every view is served "
              + "beyond that already; see 'recount status'",
          Instant.ofEpochMilli(cut.boundaryMs()));
    }
    return due;
  }

  /** The events that the cut must cover: those that are counted, and those that are joined. */
  private static Set<String> read(List<ViewPlan> plans) {
    return plans.stream()
        .flatMap(plan -> plan.events().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private SparkSession startSpark() {
    return SparkSessions.local("recount batch run", config.batch().threads());
  }
}
