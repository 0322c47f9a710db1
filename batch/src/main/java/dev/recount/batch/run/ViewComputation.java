package dev.recount.batch.run;

import dev.recount.contract.catalog.BatchCatalog;
import dev.recount.contract.catalog.Publication;
import dev.recount.contract.cut.Cut;
import dev.recount.contract.view.ViewPlan;
import dev.recount.planner.PinotTables;
import dev.recount.planner.ViewCompiler;
import dev.recount.planner.ViewProgram;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** From archived events to finished segments, for the views of one event. */
final class ViewComputation {
  private final SparkSession spark;
  private final PinotTables tables;
  private final RunFolders folders;
  private final BatchCatalog catalog;
  private final Progress progress;

  ViewComputation(
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
   * Computes the views of an event into Parquet on the lake, by one scan.
   *
   * @return what the rows of each look like
   */
  Map<ViewPlan, StructType> compute(ArchiveSlice slice, List<ViewPlan> plans, String runId) {
    ViewCompiler compiler = new ViewCompiler(spark);
    Dataset<Row> events = slice.tasks(spark);
    Map<ViewPlan, StructType> computed = new LinkedHashMap<>();
    List<ViewScan.Output> outputs = new ArrayList<>();
    for (ViewPlan plan : plans) {
      ViewProgram program = compiler.program(plan, events.schema(), false);
      outputs.add(new ViewScan.Output(program, folders.view(plan.table(), runId)));
      computed.put(plan, program.type());
    }
    String event = plans.get(0).event();
    try (Progress.Step step =
        progress.step("compute views of " + event, "events", slice.rowsInFiles())) {
      ScanProgress scan = new ScanProgress(step);
      spark.sparkContext().addSparkListener(scan);
      new ViewScan(spark, outputs).run(events);
      spark.sparkContext().removeSparkListener(scan);
    }
    return computed;
  }

  /** Builds the segments of a computed view, sentinel included. */
  List<BuiltSegment> segments(ViewPlan plan, StructType type, String runId, Cut cut) {
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
