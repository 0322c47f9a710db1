package dev.recount.batch.compute;

import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentBuilder;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.batch.segment.SegmentSpec;
import dev.recount.batch.segment.Sentinel;
import dev.recount.batch.segment.ViewSegments;
import dev.recount.core.catalog.BatchCatalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.StateJoin;
import dev.recount.planner.table.PinotTables;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** From archived events to finished segments, for the views of one event. */
public final class ViewComputation {
  private final SparkSession spark;
  private final PinotTables tables;
  private final RunFolders folders;
  private final BatchCatalog catalog;
  private final Progress progress;

  public ViewComputation(
      SparkSession spark,
      PinotTables tables,
      RunFolders folders,
      BatchCatalog catalog,
      Progress progress) {
    this.spark = spark;
    this.tables = tables;
    this.folders = folders;
    this.catalog = catalog;
    this.progress = progress;
  }

  /**
   * Computes the views of an event that read it alone into Parquet on the lake, by one scan.
   *
   * @return what the rows of each look like
   */
  public Map<ViewPlan, StructType> compute(ArchiveSlice slice, List<ViewPlan> plans, String runId) {
    Map<DistinctField, Broadcast<LaterCopies>> copies = copies(slice, plans);
    Dataset<Row> events = copies.isEmpty() ? slice.tasks(spark) : slice.tasksWithPlace(spark);
    Map<ViewPlan, Broadcast<LaterCopies>> left = new LinkedHashMap<>();
    plans.forEach(plan -> left.put(plan, distinctField(plan, slice).map(copies::get).orElse(null)));
    return compute(events, slice.rowsInFiles(), left, runId);
  }

  /**
   * Computes a view that joins a state into Parquet on the lake.
   *
   * @param states all records of the state that arrived before the last of the events
   */
  public Map<ViewPlan, StructType> compute(
      ArchiveSlice slice, ArchiveSlice states, ViewPlan plan, String runId) {
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
        Collections.singletonMap(plan, null),
        runId);
  }

  /**
   * @param plans with the places of the events that each leaves out; null if it leaves out none
   */
  private Map<ViewPlan, StructType> compute(
      Dataset<Row> events,
      long rowsInFiles,
      Map<ViewPlan, Broadcast<LaterCopies>> plans,
      String runId) {
    ViewCompiler compiler = new ViewCompiler(spark);
    Map<ViewPlan, StructType> computed = new LinkedHashMap<>();
    List<ViewScan.Output> outputs = new ArrayList<>();
    plans.forEach(
        (plan, left) -> {
          ViewProgram program = compiler.program(plan, events.schema(), false);
          outputs.add(new ViewScan.Output(program, folders.view(plan.table(), runId), left));
          computed.put(plan, program.type());
        });
    String event = plans.keySet().iterator().next().event();
    try (Progress.Step step = progress.step("compute views of " + event, "events", rowsInFiles)) {
      ScanProgress scan = new ScanProgress(step);
      spark.sparkContext().addSparkListener(scan);
      new ViewScan(spark, outputs).run(events);
      spark.sparkContext().removeSparkListener(scan);
      step.finish(); // Spark tells of a task's last records later than the task ends
    }
    return computed;
  }

  /** For each field that a view is distinct by, the copies of it. */
  private Map<DistinctField, Broadcast<LaterCopies>> copies(
      ArchiveSlice slice, List<ViewPlan> plans) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Map<DistinctField, Broadcast<LaterCopies>> copies = new LinkedHashMap<>();
    for (ViewPlan plan : plans) {
      distinctField(plan, slice)
          .ifPresent(
              field ->
                  copies.computeIfAbsent(
                      field,
                      f -> context.broadcast(LaterCopies.find(slice.withPlace(spark), f.name()))));
    }
    copies.forEach(
        (field, found) ->
            progress.say(
                found.value().count() + " events are copies of an earlier " + field.name()));
    return copies;
  }

  private static Optional<DistinctField> distinctField(ViewPlan plan, ArchiveSlice slice) {
    return DistinctField.of(plan, EventRows.type(slice.event()));
  }

  /** Builds the segments of a computed view, sentinel included. */
  public List<BuiltSegment> segments(ViewPlan plan, StructType type, String runId, Cut cut) {
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
        new ViewSegments(spark).build(type, folders.view(plan.table(), runId), spec);
    int before = catalog.serving(plan.table()).map(Publication::segmentCount).orElse(0);
    int sentinels = SegmentNames.sentinels(built.size(), before);
    SegmentBuilder builder =
        new SegmentBuilder(
            spec.withArrived(cut.sentinelArrivedMs()), spark.sparkContext().hadoopConfiguration());
    for (int i = 0; i < sentinels; i++) {
      built.add(
          builder.build(
              SegmentNames.sentinel(plan.table(), runId, i),
              List.<Object[]>of(Sentinel.row(plan))));
    }
    return built;
  }
}
