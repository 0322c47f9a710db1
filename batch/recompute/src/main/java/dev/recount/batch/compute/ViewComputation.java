package dev.recount.batch.compute;

import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentBuilder;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.batch.segment.SegmentSpec;
import dev.recount.batch.segment.ViewSegments;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.StateJoin;
import dev.recount.planner.table.PinotTables;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.DataSource;
import org.apache.spark.sql.types.StructType;

/** From archived events to finished segments, for the views of one event. */
public final class ViewComputation {
  /** Of so few, Spark's code takes longer to be generated and compiled than it saves. */
  private static final long FEW_EVENTS = 500_000;

  /** Rows of a task that goes through rows of a view. */
  private static final long FOLDED_ROWS = 1_000_000;

  private final SparkSession spark;
  private final PinotTables tables;
  private final RunFolders folders;
  private final Folding folding;
  private final Progress progress;

  public ViewComputation(
      SparkSession spark,
      PinotTables tables,
      RunFolders folders,
      RecountConfig.Batch limits,
      Progress progress) {
    this.spark = spark;
    this.tables = tables;
    this.folders = folders;
    this.folding = new Folding(limits.smallPartBytes(), limits.maxSegments());
    this.progress = progress;
  }

  /**
   * Computes the views of an event that read it alone into Parquet on the lake, by one scan.
   *
   * @param slice what is counted
   * @param history what arrived before it, of which views that are distinct read the ids
   */
  public List<Counted> compute(
      ArchiveSlice slice, ArchiveSlice history, List<DueView> views, String runId) {
    Map<DistinctField, Broadcast<LaterCopies>> copies = copies(slice, history, views);
    Dataset<Row> events = copies.isEmpty() ? slice.tasks(spark) : slice.tasksWithPlace(spark);
    Map<DueView, Broadcast<LaterCopies>> left = new LinkedHashMap<>();
    views.forEach(
        view -> left.put(view, distinctField(view.plan(), slice).map(copies::get).orElse(null)));
    return compute(events, slice.rowsInFiles(), left, runId);
  }

  /**
   * Computes a view that joins a state into Parquet on the lake.
   *
   * @param states all records of the state that arrived before the last of the events
   */
  public List<Counted> compute(
      ArchiveSlice slice, ArchiveSlice states, DueView view, String runId) {
    ViewPlan plan = view.plan();
    StateJoin join =
        new ViewCompiler(spark)
            .join(plan, EventRows.type(slice.event()), EventRows.type(states.event()));
    Dataset<Row> events =
        distinctField(plan, slice)
            .map(field -> LaterCopies.leftOut(slice.withPlace(spark), field.name()))
            .orElseGet(() -> slice.withArrival(spark));
    return compute(
        join.over(events, states.withPlace(spark)),
        slice.rowsInFiles() + states.rowsInFiles(),
        Collections.singletonMap(view, null),
        runId);
  }

  /**
   * @param views with the places of the events that each leaves out; null if it leaves out none
   */
  private List<Counted> compute(
      Dataset<Row> events,
      long rowsInFiles,
      Map<DueView, Broadcast<LaterCopies>> views,
      String runId) {
    spark.conf().set("spark.sql.codegen.wholeStage", rowsInFiles > FEW_EVENTS);
    ViewCompiler compiler = new ViewCompiler(spark);
    List<ViewScan.Output> outputs = new ArrayList<>();
    views.forEach(
        (view, left) ->
            outputs.add(
                new ViewScan.Output(
                    compiler.program(view.plan(), events.schema(), false),
                    folders.view(view.plan().table(), runId),
                    left)));
    String event = views.keySet().iterator().next().plan().event();
    long[] rows;
    try (Progress.Step step = progress.step("compute views of " + event, "events", rowsInFiles)) {
      ScanProgress scan = new ScanProgress(step);
      spark.sparkContext().addSparkListener(scan);
      rows = new ViewScan(spark, outputs).run(events);
      spark.sparkContext().removeSparkListener(scan);
      step.finish(); // Spark tells of a task's last records later than the task ends
    }
    List<Counted> counted = new ArrayList<>();
    for (DueView view : views.keySet()) {
      int i = counted.size();
      StructType type = outputs.get(i).program().type();
      long bytes = folders.bytes(view.plan().table(), runId);
      counted.add(new Counted(view, type, view.parts(), List.of(), rows[i], bytes));
    }
    return counted;
  }

  /** For each field that a view is distinct by, the copies of it. */
  private Map<DistinctField, Broadcast<LaterCopies>> copies(
      ArchiveSlice slice, ArchiveSlice history, List<DueView> views) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Map<DistinctField, Broadcast<LaterCopies>> copies = new LinkedHashMap<>();
    for (DueView view : views) {
      distinctField(view.plan(), slice)
          .ifPresent(
              field ->
                  copies.computeIfAbsent(
                      field, f -> context.broadcast(copies(slice, history, f.name()))));
    }
    copies.forEach(
        (field, found) ->
            progress.say(
                found.value().count() + " events are copies of an earlier " + field.name()));
    return copies;
  }

  private LaterCopies copies(ArchiveSlice slice, ArchiveSlice history, String id) {
    return history.files().isEmpty()
        ? LaterCopies.find(slice.withPlace(spark), id)
        : LaterCopies.find(slice.withPlace(spark), history.events(spark), id);
  }

  private static Optional<DistinctField> distinctField(ViewPlan plan, ArchiveSlice slice) {
    return DistinctField.of(plan, EventRows.type(slice.event()));
  }

  /** Merges older parts into what was counted, if the view would have too many parts otherwise. */
  public Counted fold(Counted counted, String runId) {
    List<BatchPart> chosen = folding.choose(counted.kept(), counted.rows(), counted.bytes());
    if (chosen.isEmpty()) {
      return counted;
    }
    ViewPlan plan = counted.view().plan();
    progress.say(
        "Folding " + chosen.size() + " older parts of view '" + plan.shownName() + "' ...");
    long before = counted.rows() + chosen.stream().mapToLong(BatchPart::rows).sum();
    Dataset<Row> stored = divided(stored(plan, counted.type(), runId, chosen), plan, tasks(before));
    ViewScan.Output output =
        new ViewScan.Output(
            new ViewCompiler(spark).merge(plan, stored.schema()),
            folders.folded(plan.table(), runId),
            null);
    long rows = new ViewScan(spark, List.of(output)).run(stored)[0];
    folders.replaceByFolded(plan.table(), runId);
    return new Counted(
        counted.view(),
        counted.type(),
        counted.kept().subList(0, counted.kept().size() - chosen.size()),
        chosen,
        rows,
        folders.bytes(plan.table(), runId));
  }

  /** How many tasks share so many rows of a view. */
  public static int tasks(long rows) {
    return (int) (1 + rows / FOLDED_ROWS);
  }

  /** All rows that will be served of a view: those that were counted, and the parts that stay. */
  public Dataset<Row> served(SparkSession session, Counted counted, String runId) {
    return stored(session, counted.view().plan(), counted.type(), runId, counted.kept());
  }

  private Dataset<Row> stored(ViewPlan plan, StructType type, String runId, List<BatchPart> parts) {
    return stored(spark, plan, type, runId, parts);
  }

  private Dataset<Row> stored(
      SparkSession session, ViewPlan plan, StructType type, String runId, List<BatchPart> parts) {
    String[] paths =
        Stream.concat(Stream.of(runId), parts.stream().map(BatchPart::runId))
            .map(run -> folders.view(plan.table(), run).toString())
            .toArray(String[]::new);
    return session.read().schema(type).option(DataSource.GLOB_PATHS_KEY(), "false").parquet(paths);
  }

  /** Each task has all rows of its groups. */
  static Dataset<Row> divided(Dataset<Row> rows, ViewPlan plan, int tasks) {
    Column[] groups = plan.dimensionColumns().map(c -> rows.col(c.name())).toArray(Column[]::new);
    return tasks == 1 || groups.length == 0 ? rows.coalesce(1) : rows.repartition(tasks, groups);
  }

  /**
   * Builds the segments of a part again from its rows on the lake.
   *
   * @param rollback the run that needs them
   * @throws RecountException BATCH_FAILED if the lake does not hold all its rows
   */
  public List<BuiltSegment> rebuild(ViewPlan plan, BatchPart part, String rollback, Cut ofRows) {
    Path rows = folders.view(plan.table(), part.runId());
    SegmentSpec spec =
        SegmentSpec.of(
            plan,
            SegmentNames.rebuilt(rollback, part.runId()),
            tables.offlineTable(plan),
            tables.schema(plan),
            ofRows.batchArrivedMs(),
            folders.segments(plan.table(), rollback).toString());
    List<BuiltSegment> built = new ViewSegments(spark).build(rows, spec);
    long found = built.stream().mapToLong(BuiltSegment::rows).sum();
    if (found != part.rows()) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED,
          "Cannot roll back view '%s': '%s' holds %s rows, but its run counted %s; run 'recount"
              + " batch run %s', which counts all history",
          plan.view(),
          rows,
          found,
          part.rows(),
          plan.view());
    }
    return built;
  }

  /** Builds the segments of what was counted, sentinel included. */
  public List<BuiltSegment> segments(Counted counted, String runId, Cut cut) {
    ViewPlan plan = counted.view().plan();
    Path folder = folders.segments(plan.table(), runId);
    SegmentSpec spec =
        SegmentSpec.of(
            plan,
            runId,
            tables.offlineTable(plan),
            tables.schema(plan),
            cut.batchArrivedMs(),
            folder.toString());
    List<BuiltSegment> built =
        counted.rows() == 0
            ? new ArrayList<>()
            : new ViewSegments(spark)
                .build(counted.type(), folders.view(plan.table(), runId), spec);
    int kept = counted.kept().stream().mapToInt(BatchPart::segments).sum();
    Publication before = counted.view().before();
    int sentinels =
        SegmentNames.sentinels(kept + built.size(), before == null ? 0 : before.segmentCount());
    built.addAll(
        new SegmentBuilder(spec, spark.sparkContext().hadoopConfiguration())
            .buildSentinels(plan, cut, sentinels));
    return built;
  }
}
