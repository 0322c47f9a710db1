package dev.recount.batch.run;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.compute.ViewComputation;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.delta.PassedDeltas;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.publish.RunRecord;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.table.PinotTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

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

  RunSummary run(
      SparkSession spark,
      RunRecord record,
      Cut cut,
      Steps steps,
      Map<String, List<ViewPlan>> byEvent) {
    return new Running(spark, record, cut, steps).run(byEvent);
  }

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
          new ViewComputation(spark, new PinotTables(config), folders, catalog.batch(), progress);
    }

    RunSummary run(Map<String, List<ViewPlan>> byEvent) {
      Map<ViewPlan, StructType> views = new LinkedHashMap<>();
      long events = 0;
      for (String event : byEvent.keySet()) {
        ArchiveSlice slice = slice(event);
        events += steps.time("list", () -> slice.count(spark));
        views.putAll(compute(slice, byEvent.get(event)));
      }
      record.read(events);
      Map<ViewPlan, List<BuiltSegment>> segments =
          steps.time("segments", () -> buildSegments(views));
      List<Publication> published = steps.time("publish", () -> publishAll(segments));
      steps.time("tidy", () -> tidy(published));
      steps.time("deltas", () -> passed.dropPassed(segments.keySet(), progress::say));
      return summary(events, published, segments);
    }

    private Map<ViewPlan, StructType> compute(ArchiveSlice slice, List<ViewPlan> plans) {
      Map<ViewPlan, StructType> views = new LinkedHashMap<>();
      List<ViewPlan> alone = plans.stream().filter(p -> p.join() == null).toList();
      if (!alone.isEmpty()) {
        views.putAll(
            steps.time("compute", () -> computation.compute(slice, alone, record.runId())));
      }
      for (ViewPlan plan : plans) {
        if (plan.join() != null) {
          ArchiveSlice states = slice(plan.join().state());
          views.putAll(
              steps.time(
                  "compute", () -> computation.compute(slice, states, plan, record.runId())));
        }
      }
      return views;
    }

    private ArchiveSlice slice(String event) {
      return steps.time(
          "list",
          () ->
              ArchiveSlice.before(
                  cut.boundaryMs(), schema(event), Archive.open(config, catalog, event, hadoop)));
    }

    private EventSchema schema(String event) {
      return catalog.events().schema(event).orElseThrow();
    }

    private Map<ViewPlan, List<BuiltSegment>> buildSegments(Map<ViewPlan, StructType> views) {
      Map<ViewPlan, List<BuiltSegment>> segments = new LinkedHashMap<>();
      try (Progress.Step step = progress.step("segments", "views", views.size())) {
        views.forEach(
            (plan, type) -> {
              segments.put(plan, computation.segments(plan, type, record.runId(), cut));
              step.advance(1);
            });
      }
      return segments;
    }

    private List<Publication> publishAll(Map<ViewPlan, List<BuiltSegment>> segments) {
      long bytes = segments.values().stream().mapToLong(this::bytes).sum();
      List<Publication> published = new ArrayList<>();
      try (Progress.Step step = progress.step("upload", "bytes", bytes)) {
        segments.forEach(
            (plan, built) ->
                published.add(
                    publisher.publish(
                        plan, record.runId(), cut, built, s -> step.advance(s.bytes()))));
      }
      return published;
    }

    private long bytes(List<BuiltSegment> built) {
      return built.stream().mapToLong(BuiltSegment::bytes).sum();
    }

    private int tidy(List<Publication> published) {
      for (Publication publication : published) {
        folders.dropSegments(publication.tableName(), record.runId());
        folders.dropOld(publication.tableName(), Set.of(record.runId()));
      }
      return published.size();
    }

    private RunSummary summary(
        long events, List<Publication> published, Map<ViewPlan, List<BuiltSegment>> segments) {
      List<RunSummary.ViewPart> parts = new ArrayList<>();
      int i = 0;
      for (Map.Entry<ViewPlan, List<BuiltSegment>> entry : segments.entrySet()) {
        Publication p = published.get(i++);
        parts.add(
            new RunSummary.ViewPart(
                p.viewName(),
                p.tableName(),
                p.rowCount(),
                p.segmentCount(),
                bytes(entry.getValue())));
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
}
