package dev.recount.batch.run;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveReading;
import dev.recount.batch.compute.Counted;
import dev.recount.batch.compute.DueView;
import dev.recount.batch.compute.ViewComputation;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.Publisher;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.planner.table.PinotTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.SparkSession;

/** The part of a run after its cut is picked: from the archive to the answers that are served. */
final class RunComputation {
  private final RecountConfig config;
  private final Catalog catalog;
  private final RunFolders folders;
  private final Publisher publisher;
  private final Configuration hadoop = new Configuration();

  RunComputation(RecountConfig config, Catalog catalog, RunFolders folders, Publisher publisher) {
    this.config = config;
    this.catalog = catalog;
    this.folders = folders;
    this.publisher = publisher;
  }

  /**
   * Computes and publishes views. One that fails is noted in the run's record, and the others go
   * on.
   */
  RunSummary run(SparkSession spark, RunContext run, Cut cut, List<DueView> views) {
    return new Running(spark, run, cut).run(views);
  }

  /** Views that are counted by one scan. */
  private record Scan(String event, long fromMs) {}

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
      Set<String> read =
          views.stream()
              .flatMap(view -> view.plan().events().stream())
              .collect(Collectors.toCollection(TreeSet::new));
      read.forEach(this::sayWhereItBegins);
      try (ArchiveReading reading = ArchiveReading.begin(catalog, read)) {
        for (Map.Entry<Scan, List<DueView>> scan : scans.entrySet()) {
          Optional<Slice> slice = run.attempt(scan.getValue(), () -> slice(scan.getKey()));
          if (slice.isPresent()) {
            events += slice.get().events();
            counted.addAll(compute(slice.get().files(), scan.getValue()));
          }
        }
        reading.requireHeld();
      }
      record.read(events);
      return new RunPublication(config, catalog, folders, publisher)
          .publish(spark, run, cut, counted, events);
    }

    private record Slice(ArchiveSlice files, long events) {}

    private Slice slice(Scan scan) {
      ArchiveSlice files = slice(scan.event(), scan.fromMs(), cut.boundaryMs());
      return new Slice(files, steps.time("list", () -> files.count(spark)));
    }

    private void sayWhereItBegins(String event) {
      catalog
          .archive()
          .start(event)
          .ifPresent(
              ms ->
                  progress.say(
                      "The archive of '"
                          + event
                          + "' begins at "
                          + Instant.ofEpochMilli(ms)
                          + " (archive.retention): a full run counts nothing that arrived before"));
    }

    private List<Counted> compute(ArchiveSlice slice, List<DueView> views) {
      List<Counted> counted =
          new ArrayList<>(
              shared(slice, views.stream().filter(v -> v.plan().join() == null).toList()));
      for (DueView view : views) {
        if (view.plan().join() != null) {
          run.attempt(List.of(view), () -> joined(slice, view)).ifPresent(counted::addAll);
        }
      }
      return counted.stream()
          .flatMap(
              c ->
                  run
                      .attempt(
                          List.of(c.view()),
                          () -> steps.time("compute", () -> computation.fold(c, record.runId())))
                      .stream())
          .toList();
    }

    /**
     * By one scan, or if that fails by one for each view: what is wrong with one fails it alone.
     */
    private List<Counted> shared(ArchiveSlice slice, List<DueView> views) {
      if (views.size() > 1) {
        try {
          return counted(slice, views);
        } catch (Exception | FSError e) {
          run.stop().requireNone();
          run.log().failed("Computing each view alone, because the views together failed", e);
        }
      }
      List<Counted> counted = new ArrayList<>();
      for (DueView view : views) {
        run.attempt(List.of(view), () -> counted(slice, List.of(view))).ifPresent(counted::addAll);
      }
      return counted;
    }

    private List<Counted> counted(ArchiveSlice slice, List<DueView> views) {
      ArchiveSlice history = history(slice, views);
      return steps.time(
          "compute", () -> computation.compute(slice, history, views, record.runId()));
    }

    /** An event sees the latest state that arrived before it, however long ago. */
    private List<Counted> joined(ArchiveSlice slice, DueView view) {
      ArchiveSlice states = slice(view.plan().join().state(), 0, cut.boundaryMs());
      return steps.time("compute", () -> computation.compute(slice, states, view, record.runId()));
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
  }
}
