package dev.recount.batch.run;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.compute.Counted;
import dev.recount.batch.compute.DueView;
import dev.recount.batch.compute.ViewComputation;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.delta.PassedDeltas;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.NewBatch;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.publish.RunRecord;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.table.PinotTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/** The part of a run after its cut is picked: from the archive to the answers that are served. */
final class RunComputation {
  private final RecountConfig config;
  private final Catalog catalog;
  private final RunFolders folders;
  private final Publisher publisher;
  private final PassedDeltas passed;
  private final Progress progress;
  private final Configuration hadoop = new Configuration();

  RunComputation(
      RecountConfig config,
      Catalog catalog,
      RunFolders folders,
      Publisher publisher,
      Progress progress) {
    this.config = config;
    this.catalog = catalog;
    this.folders = folders;
    this.publisher = publisher;
    this.progress = progress;
    this.passed = new PassedDeltas(config, catalog);
  }

  RunSummary run(SparkSession spark, RunRecord record, Cut cut, Steps steps, List<DueView> views) {
    return new Running(spark, record, cut, steps).run(views);
  }

  /** Views that are counted by one scan. */
  private record Scan(String event, long fromMs) {}

  /** A run with what it needs. */
  private final class Running {
    private final SparkSession spark;
    private final RunRecord record;
    private final Cut cut;
    private final Steps steps;
    private final ViewComputation computation;

    Running(SparkSession spark, RunRecord record, Cut cut, Steps steps) {
      this.spark = spark;
      this.record = record;
      this.cut = cut;
      this.steps = steps;
      this.computation =
          new ViewComputation(spark, new PinotTables(config), folders, config.batch(), progress);
    }

    RunSummary run(List<DueView> views) {
      Map<Scan, List<DueView>> scans = new LinkedHashMap<>();
      views.forEach(
          view ->
              scans
                  .computeIfAbsent(
                      new Scan(view.plan().event(), view.fromMs()), s -> new ArrayList<>())
                  .add(view));
      List<Counted> counted = new ArrayList<>();
      long events = 0;
      for (Map.Entry<Scan, List<DueView>> scan : scans.entrySet()) {
        ArchiveSlice slice = slice(scan.getKey().event(), scan.getKey().fromMs(), cut.boundaryMs());
        events += steps.time("list", () -> slice.count(spark));
        counted.addAll(compute(slice, scan.getValue()));
      }
      record.read(events);
      List<Made> made = steps.time("segments", () -> build(counted));
      List<Publication> published = steps.time("publish", () -> publish(made));
      steps.time("tidy", () -> tidy(made));
      List<ViewPlan> plans = views.stream().map(DueView::plan).toList();
      steps.time("deltas", () -> passed.dropPassed(plans, progress::say));
      return summary(events, published, made);
    }

    private List<Counted> compute(ArchiveSlice slice, List<DueView> views) {
      List<Counted> counted = new ArrayList<>();
      List<DueView> alone = views.stream().filter(v -> v.plan().join() == null).toList();
      if (!alone.isEmpty()) {
        ArchiveSlice history = history(slice, alone);
        counted.addAll(
            steps.time(
                "compute", () -> computation.compute(slice, history, alone, record.runId())));
      }
      for (DueView view : views) {
        if (view.plan().join() != null) {
          // An event sees the latest state that arrived before it, however long ago.
          ArchiveSlice states = slice(view.plan().join().state(), 0, cut.boundaryMs());
          counted.addAll(
              steps.time(
                  "compute", () -> computation.compute(slice, states, view, record.runId())));
        }
      }
      return counted.stream()
          .map(c -> steps.time("compute", () -> computation.fold(c, record.runId())))
          .toList();
    }

    /** What arrived before a slice, if a view asks whether it had been counted then. */
    private ArchiveSlice history(ArchiveSlice slice, List<DueView> views) {
      boolean isRead = views.stream().anyMatch(v -> v.plan().distinct().isPresent());
      return isRead && slice.fromMs() > 0
          ? slice(slice.event().name(), 0, slice.fromMs())
          : new ArchiveSlice(slice.event(), 0, 0, List.of());
    }

    private ArchiveSlice slice(String event, long fromMs, long beforeMs) {
      return steps.time(
          "list",
          () ->
              ArchiveSlice.between(
                  fromMs,
                  beforeMs,
                  catalog.events().schema(event).orElseThrow(),
                  Archive.open(config, catalog, event, hadoop)));
    }

    private List<Made> build(List<Counted> counted) {
      List<Made> made = new ArrayList<>();
      try (Progress.Step step = progress.step("segments", "views", counted.size())) {
        for (Counted view : counted) {
          made.add(made(view));
          step.advance(1);
        }
      }
      return made;
    }

    private Made made(Counted counted) {
      List<BuiltSegment> built = computation.segments(counted, record.runId(), cut);
      DueView view = counted.view();
      List<BatchPart> parts = new ArrayList<>(counted.kept());
      int data = (int) built.stream().filter(s -> !SegmentNames.isSentinel(s.name())).count();
      if (counted.rows() > 0) {
        parts.add(
            new BatchPart(
                record.runId(),
                counted.fromMs(),
                cut.boundaryMs(),
                counted.rows(),
                counted.bytes(),
                data));
      }
      NewBatch batch =
          new NewBatch(
              view.plan(),
              record.runId(),
              view.mode(),
              view.layout(),
              cut,
              parts,
              NewBatch.segments(counted.kept(), view.before()),
              built);
      folders.describe(
          view.plan().table(),
          record.runId(),
          Json.write(
              new PartNote(
                  record.runId(),
                  view.mode(),
                  Instant.ofEpochMilli(counted.fromMs()),
                  Instant.ofEpochMilli(cut.boundaryMs()),
                  counted.folded().stream().map(BatchPart::runId).toList(),
                  parts.stream().map(BatchPart::runId).toList())));
      return new Made(view, batch);
    }

    private List<Publication> publish(List<Made> made) {
      List<Publication> published = new ArrayList<>();
      try (Progress.Step step =
          progress.step("upload", "bytes", made.stream().mapToLong(Made::bytes).sum())) {
        for (Made view : made) {
          published.add(publisher.publish(view.batch(), s -> step.advance(s.bytes())));
          Optional.ofNullable(view.view().due()).ifPresent(catalog.batch()::fullRunDone);
        }
      }
      return published;
    }

    private int tidy(List<Made> made) {
      for (Made view : made) {
        String table = view.view().plan().table();
        folders.dropOthers(table, catalog.batch().keptRuns(table, RunFolders.KEPT));
      }
      return made.size();
    }

    private RunSummary summary(long events, List<Publication> published, List<Made> made) {
      List<RunSummary.ViewPart> parts = new ArrayList<>();
      for (int i = 0; i < made.size(); i++) {
        Publication p = published.get(i);
        parts.add(
            new RunSummary.ViewPart(
                p.viewName(),
                p.tableName(),
                p.mode(),
                p.rowCount(),
                p.segmentCount(),
                made.get(i).bytes()));
      }
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

  /**
   * What is written beside the rows of a run on the lake.
   *
   * @param folded the runs whose rows are merged into these
   * @param parts all runs whose rows made up the answer after this run, this one included
   */
  record PartNote(
      String runId,
      String mode,
      Instant from,
      Instant cut,
      List<String> folded,
      List<String> parts) {}
}
