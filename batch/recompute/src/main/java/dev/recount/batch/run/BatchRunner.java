package dev.recount.batch.run;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.compute.ViewComputation;
import dev.recount.batch.cut.ArchiveCuts;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.DeadRuns;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.publish.RunRecord;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

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
    long askedMs = clock.millis();
    RunLock lock = RunLock.take(config.home().run().resolve("batch.lock"));
    try {
      List<ViewPlan> plans = new DueViews(catalog).choose(views);
      new DeadRuns(catalog, publisher, clock).settle();
      plans.forEach(this::requireTable);
      return record(askedMs, plans);
    } finally {
      lock.close();
    }
  }

  private RunSummary record(long askedMs, List<ViewPlan> plans) {
    RunRecord record = RunRecord.begin(catalog, clock, askedMs);
    try {
      RunSummary summary = compute(record, askedMs, plans);
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

  private RunSummary compute(RunRecord record, long askedMs, List<ViewPlan> plans) {
    Steps steps = new Steps();
    CompletableFuture<SparkSession> starting = CompletableFuture.supplyAsync(this::startSpark);
    try {
      CutPicker.Pick pick =
          steps.time(
              "wait",
              () -> new ArchiveCuts(config, catalog, clock, progress).pick(read(plans), askedMs));
      Map<String, List<ViewPlan>> byEvent =
          due(plans, pick.cut()).stream()
              .collect(Collectors.groupingBy(ViewPlan::event, TreeMap::new, Collectors.toList()));
      record.picked(pick);
      SparkSession spark = steps.time("start", starting::join);
      return new Computed(spark, record, pick.cut(), steps).run(byEvent);
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

  /** The part of a run after its cut is picked. */
  private final class Computed {
    private final SparkSession spark;
    private final RunRecord record;
    private final Cut cut;
    private final Steps steps;
    private final ViewComputation computation;

    Computed(SparkSession spark, RunRecord record, Cut cut, Steps steps) {
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
                  cut.boundaryMs(),
                  schema(event),
                  Archive.open(config.archive().uri(), event, hadoop)));
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
