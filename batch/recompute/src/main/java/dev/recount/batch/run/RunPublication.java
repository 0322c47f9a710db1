package dev.recount.batch.run;

import dev.recount.batch.check.AssertedRows;
import dev.recount.batch.check.Broken;
import dev.recount.batch.compute.Counted;
import dev.recount.batch.compute.DueView;
import dev.recount.batch.compute.ViewComputation;
import dev.recount.batch.delta.PassedDeltas;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.NewBatch;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.Json;
import dev.recount.core.cases.Assertion;
import dev.recount.core.cases.CaseFile;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.table.PinotTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** The last part of a run: from rows on the lake to the answers that are served. */
public final class RunPublication {
  private final RecountConfig config;
  private final Catalog catalog;
  private final RunFolders folders;
  private final Publisher publisher;
  private final PassedDeltas passed;

  public RunPublication(
      RecountConfig config, Catalog catalog, RunFolders folders, Publisher publisher) {
    this.config = config;
    this.catalog = catalog;
    this.folders = folders;
    this.publisher = publisher;
    this.passed = new PassedDeltas(config, catalog);
  }

  /**
   * Publishes views. One that fails is noted in the run's record, and the others go on.
   *
   * @param events how many the run has read
   */
  public RunSummary publish(
      SparkSession spark, RunContext run, Cut cut, List<Counted> counted, long events) {
    return new Running(spark, run, cut).publish(counted, events);
  }

  /** A run with what it needs. */
  private final class Running {
    private final SparkSession spark;
    private final RunContext run;
    private final RunRecord record;
    private final Progress progress;
    private final Steps steps;
    private final Cut cut;
    private final ViewComputation computation;

    Running(SparkSession spark, RunContext run, Cut cut) {
      this.spark = spark;
      this.run = run;
      this.record = run.record();
      this.progress = run.progress();
      this.steps = run.steps();
      this.cut = cut;
      this.computation =
          new ViewComputation(spark, new PinotTables(config), folders, config.batch(), progress);
    }

    RunSummary publish(List<Counted> counted, long events) {
      List<Counted> sound = steps.time("check", () -> checked(counted));
      List<Made> made = steps.time("segments", () -> build(sound));
      Map<Made, Publication> published = steps.time("publish", () -> publish(made));
      run.stop().published();
      List<ViewPlan> plans = published.keySet().stream().map(view -> view.view().plan()).toList();
      steps.time(
          "tidy", () -> new Tidying(config, catalog, folders, publisher).tidy(plans, run.log()));
      steps.time("deltas", () -> passed.dropPassed(plans, progress::say));
      return summary(events, published);
    }

    /** Without those of which an assertion that blocks does not hold. */
    private List<Counted> checked(List<Counted> counted) {
      return counted.stream()
          .flatMap(c -> run.attempt(List.of(c.view()), () -> checked(c)).stream())
          .toList();
    }

    private Counted checked(Counted counted) {
      ViewPlan plan = counted.view().plan();
      List<Assertion> assertions =
          catalog
              .cases()
              .of(plan.view(), plan.version())
              .map(CaseFile::assertions)
              .orElse(List.of());
      if (assertions.isEmpty()) {
        return counted;
      }
      progress.say(
          "Checking " + assertions.size() + " assertions of view '" + plan.shownName() + "' ...");
      try (AssertedRows rows =
          AssertedRows.of(
              spark,
              plan,
              ViewComputation.tasks(counted.servedRows()),
              session -> computation.served(session, counted, record.runId()))) {
        List<Broken> broken = rows.broken(assertions);
        List<String> warnings =
            broken.stream().filter(b -> !b.assertion().blocks()).map(Broken::text).toList();
        record.warned(plan, warnings);
        warnings.forEach(text -> progress.say("WARNING: view '" + plan.shownName() + "': " + text));
        List<String> blocking =
            broken.stream().filter(b -> b.assertion().blocks()).map(Broken::text).toList();
        if (!blocking.isEmpty()) {
          throw RecountException.of(
              ErrorCode.ASSERTION_FAILED,
              "Cannot publish the view '%s': what was counted breaks %s; the answers before go on. "
                  + "Correct the view or what it counts, or change tests/%s.yaml and run 'recount "
                  + "apply'",
              plan.shownName(),
              String.join("; ", blocking),
              plan.view());
        }
      }
      return counted;
    }

    private List<Made> build(List<Counted> counted) {
      List<Made> made = new ArrayList<>();
      try (Progress.Step step = progress.step("segments", "views", counted.size())) {
        for (Counted view : counted) {
          run.attempt(List.of(view.view()), () -> made(view)).ifPresent(made::add);
          step.advance(1);
        }
      }
      return made;
    }

    private Made made(Counted counted) {
      List<BuiltSegment> built = computation.segments(counted, record.runId(), cut);
      DueView view = counted.view();
      int data = (int) built.stream().filter(s -> !SegmentNames.isSentinel(s.name())).count();
      long startMs = catalog.archive().start(view.plan().event()).orElse(0);
      List<BatchPart> parts = counted.parts(record.runId(), startMs, cut.boundaryMs(), data);
      NewBatch batch =
          new NewBatch(
              view.plan(),
              record.runId(),
              view.mode(),
              view.layout(),
              cut,
              parts,
              NewBatch.segments(counted.kept(), view.before()),
              built,
              null);
      folders.describe(
          view.plan().table(),
          record.runId(),
          Json.write(
              new PartNote(
                  record.runId(),
                  view.mode(),
                  Instant.ofEpochMilli(counted.fromMs(startMs)),
                  Instant.ofEpochMilli(cut.boundaryMs()),
                  PartNote.runs(counted.folded()),
                  PartNote.runs(parts),
                  null)));
      return new Made(view, batch);
    }

    private Map<Made, Publication> publish(List<Made> made) {
      Map<Made, Publication> published = new LinkedHashMap<>();
      try (Progress.Step step =
          progress.step("upload", "bytes", made.stream().mapToLong(Made::bytes).sum())) {
        for (Made view : made) {
          run.attempt(
                  List.of(view.view()),
                  () -> {
                    Publication publication =
                        publisher.publish(view.batch(), s -> step.advance(s.bytes()));
                    published.put(view, publication);
                    record.published(publication, view.bytes());
                    return publication;
                  })
              .map(publication -> view.view().due())
              .ifPresent(
                  due ->
                      run.attempt(
                          List.of(view.view()),
                          () -> {
                            catalog.batch().fullRunDone(due, record.runId());
                            return due;
                          }));
        }
      }
      return published;
    }

    private RunSummary summary(long events, Map<Made, Publication> published) {
      List<RunSummary.ViewPart> parts = new ArrayList<>();
      published.forEach(
          (view, p) ->
              parts.add(
                  new RunSummary.ViewPart(
                      p.viewName(),
                      p.tableName(),
                      p.mode(),
                      p.fromMs() == 0 ? null : Instant.ofEpochMilli(p.fromMs()),
                      p.rowCount(),
                      p.segmentCount(),
                      view.bytes())));
      return new RunSummary(
          record.runId(),
          Instant.ofEpochMilli(cut.boundaryMs()),
          events,
          parts,
          steps.seconds(),
          steps.total());
    }
  }

  /** A view whose segments are built. */
  private record Made(DueView view, NewBatch batch) {
    long bytes() {
      return batch.made().stream().mapToLong(BuiltSegment::bytes).sum();
    }
  }
}
