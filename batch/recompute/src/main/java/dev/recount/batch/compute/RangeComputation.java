package dev.recount.batch.compute;

import static org.apache.spark.sql.functions.col;

import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.lake.RunFolders;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.cli.Progress;
import dev.recount.core.view.TimeRange;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.compile.TimeColumn;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.DataSource;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** From archived events to the rows of one range of a view's time, piece by piece. */
public final class RangeComputation {
  private final SparkSession spark;
  private final RunFolders folders;
  private final ViewPlan plan;
  private final StructType type;
  private final TimeColumn time;
  private final TimeRange range;

  /**
   * @param state the event that the view joins; null if it joins none
   * @param asked is widened to whole groups
   */
  public RangeComputation(
      SparkSession spark,
      RunFolders folders,
      ViewPlan plan,
      EventSchema event,
      EventSchema state,
      TimeRange asked) {
    this.spark = spark;
    this.folders = folders;
    this.plan = plan;
    StructType events =
        state == null
            ? EventRows.type(event)
            : ViewCompiler.joined(plan, EventRows.type(event), EventRows.type(state));
    ViewCompiler compiler = new ViewCompiler(spark);
    this.time = compiler.time(plan, events, event.eventTimeField()).orElseThrow();
    this.range = time.widened(asked);
    this.type = compiler.program(plan, events, range).type();
  }

  /** The range with whole groups at both ends. */
  public TimeRange range() {
    return range;
  }

  /** When the events happened that can be in the range; empty if the view does not tell. */
  public Optional<TimeRange> eventTimes() {
    return time.eventTimes(range);
  }

  /** The events among some that views with {@code @distinct} leave out. */
  public static final class Copies {
    private final Broadcast<LaterCopies> found;

    private Copies(Broadcast<LaterCopies> found) {
      this.found = found;
    }

    /** Those of a view that counts all. */
    public static Copies none() {
      return new Copies(null);
    }

    public long count() {
      return found == null ? 0 : found.value().count();
    }
  }

  /**
   * Finds the copies that the view leaves out.
   *
   * @param some the events that will be counted
   * @param all that had arrived: an event counts if none with its id arrived before, whenever it
   *     happened
   */
  public Copies copies(ArchiveSlice some, ArchiveSlice all) {
    return DistinctField.of(plan, EventRows.type(some.event()))
        .map(
            field ->
                new Copies(
                    JavaSparkContext.fromSparkContext(spark.sparkContext())
                        .broadcast(
                            LaterCopies.findAmong(
                                some.events(spark), all.withPlace(spark), field.name()))))
        .orElse(Copies.none());
  }

  /**
   * Computes the rows of the range over some events.
   *
   * @param states all records of the state that arrived before the last of the events; null if the
   *     view joins none
   * @param step is advanced by the events that are read
   * @return how many rows were written
   */
  public long compute(
      ArchiveSlice some, ArchiveSlice states, Copies copies, Path folder, Progress.Step step) {
    ViewCompiler compiler = new ViewCompiler(spark);
    Dataset<Row> rows;
    if (states != null) {
      rows =
          compiler
              .join(plan, EventRows.type(some.event()), EventRows.type(states.event()))
              .over(some.withArrival(spark), states.withPlace(spark));
    } else {
      rows = copies.found == null ? some.tasks(spark) : some.tasksWithPlace(spark);
    }
    ViewProgram program = compiler.program(plan, rows.schema(), range);
    ScanProgress scan = new ScanProgress(step);
    spark.sparkContext().addSparkListener(scan);
    boolean isDone = false;
    try {
      long written =
          new ViewScan(spark, List.of(new ViewScan.Output(program, folder, copies.found)))
              .run(rows)[0];
      isDone = true;
      return written;
    } finally {
      spark.sparkContext().removeSparkListener(scan);
      scan.finish(isDone ? work(some, states) : 0);
    }
  }

  /** How many events are gone through to compute some. */
  public static long work(ArchiveSlice some, ArchiveSlice states) {
    return some.rowsInFiles() + (states == null ? 0 : states.rowsInFiles());
  }

  /** The parts of what is served that have rows in the range. */
  public List<BatchPart> touched(List<BatchPart> parts) {
    return parts.stream()
        .filter(part -> !stored(List.of(rows(part))).where(isInside()).isEmpty())
        .toList();
  }

  /**
   * Makes one part of the new rows of the range, and of all other rows of the parts that have some
   * in it.
   *
   * @param touched those parts
   * @param pieces where the new rows are, some at least in each
   * @param newRows how many
   */
  public Counted replaced(
      DueView view, List<BatchPart> touched, List<Path> pieces, long newRows, String runId) {
    Dataset<Row> anew =
        ViewComputation.divided(stored(pieces), plan, ViewComputation.tasks(newRows));
    Dataset<Row> rows =
        touched.isEmpty()
            ? anew
            : stored(touched.stream().map(this::rows).toList())
                .where(functions.not(isInside()))
                .union(anew);
    ViewScan.Output output =
        new ViewScan.Output(
            new ViewCompiler(spark).merge(plan, rows.schema()),
            folders.view(plan.table(), runId),
            null);
    long written = new ViewScan(spark, List.of(output)).run(rows)[0];
    List<BatchPart> kept =
        view.before().parts().stream().filter(part -> !touched.contains(part)).toList();
    return new Counted(view, type, kept, touched, written, folders.bytes(plan.table(), runId));
  }

  private Path rows(BatchPart part) {
    return folders.view(plan.table(), part.runId());
  }

  private Dataset<Row> stored(List<Path> in) {
    return in.isEmpty()
        ? spark.createDataFrame(List.of(), type)
        : spark
            .read()
            .schema(type)
            // A path with a star or brackets in it is a path, not a pattern.
            .option(DataSource.GLOB_PATHS_KEY(), "false")
            .parquet(in.stream().map(Path::toString).toArray(String[]::new));
  }

  private Column isInside() {
    Column stored = col(plan.time().orElseThrow());
    return stored.geq(range.fromMs()).and(stored.lt(range.beforeMs()));
  }
}
