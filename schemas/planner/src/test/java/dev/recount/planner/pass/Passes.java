package dev.recount.planner.pass;

import dev.recount.core.view.ViewPlan;
import dev.recount.planner.compile.TestSpark;
import dev.recount.planner.compile.ViewCompiler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/** Passes of a view over events, as the tasks of both layers make them, without a plan of Spark. */
public final class Passes implements AutoCloseable {
  private static final Map<Integer, Supplier<?>> WORK = new ConcurrentHashMap<>();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final ViewPass pass;
  private final ExpressionEncoder.Serializer<Row> serializer;
  private final Function1<Object, Object> toRow;

  /**
   * For the task that makes it.
   *
   * @param type of the events
   */
  public Passes(ViewProgram program, StructType type) {
    this.pass = new ViewPass(program);
    this.serializer = ExpressionEncoder.apply(RowEncoder.encoderFor(type, true)).createSerializer();
    this.toRow = CatalystTypeConverters.createToScalaConverter(program.type());
  }

  /** Runs something as a task, in this process, and gives its result. */
  @SuppressWarnings("unchecked")
  public static <T> T inTask(Supplier<T> work) {
    int number = NUMBER.incrementAndGet();
    List<Object> result = new ArrayList<>();
    WORK.put(
        number,
        () -> {
          result.add(work.get());
          return null;
        });
    JavaSparkContext.fromSparkContext(TestSpark.SESSION.sparkContext())
        .parallelize(List.of(number), 1)
        .foreach(n -> WORK.remove(n).get());
    return (T) result.get(0);
  }

  /**
   * The rows of a view, grouped also by the events' column {@code _arrived}, which is last; as
   * tasks do it, so that a group has a row for each partition of the events that it is in.
   */
  public static Dataset<Row> aggregateByArrival(
      ViewCompiler compiler, ViewPlan plan, Dataset<Row> events) {
    ViewProgram program = compiler.program(plan, events.schema(), true);
    JavaRDD<InternalRow> rows =
        events
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(
                partition -> {
                  List<InternalRow> given = new ArrayList<>();
                  try (ViewPass pass = new ViewPass(program)) {
                    pass.start(TaskContext.get(), row -> given.add(row.copy()));
                    partition.forEachRemaining(pass::add);
                    pass.finish();
                  }
                  return given.iterator();
                });
    return ((org.apache.spark.sql.classic.SparkSession) events.sparkSession())
        .internalCreateDataFrame(rows.rdd(), program.type(), false);
  }

  /** The rows that one pass over events gives. */
  public List<Row> rows(List<Row> events) {
    List<Row> rows = new ArrayList<>();
    pass.startParts(TaskContext.get(), (row, part) -> rows.add((Row) toRow.apply(row)));
    events.forEach(event -> pass.add(serializer.apply(event)));
    pass.finish();
    return rows;
  }

  @Override
  public void close() {
    pass.close();
  }
}
