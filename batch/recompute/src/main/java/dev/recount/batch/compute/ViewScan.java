package dev.recount.batch.compute;

import dev.recount.batch.lake.RowFiles;
import dev.recount.planner.pass.ViewPass;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.state.StateJoin;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * One scan of events for several views: each task runs all views over its events and writes a file
 * for each. A group that several tasks see has a row from each of them, to be added up.
 */
final class ViewScan {
  /**
   * A view and where its files go.
   *
   * @param copies which events it leaves out; null if it counts all
   */
  record Output(ViewProgram program, Path folder, Broadcast<LaterCopies> copies) {}

  private final SparkSession spark;
  private final List<Output> outputs;

  ViewScan(SparkSession spark, List<Output> outputs) {
    this.spark = spark;
    this.outputs = outputs;
  }

  /**
   * Writes the files of all views; what was in their folders before is gone.
   *
   * @param events one partition a task
   * @return how many rows were written of each view
   */
  long[] run(Dataset<Row> events) {
    ArrayList<Target> targets = new ArrayList<>();
    for (Output output : outputs) {
      RowFiles files = RowFiles.prepare(spark, output.folder(), output.program().type());
      targets.add(new Target(output.program(), files, output.copies()));
    }
    long[] rows = new long[outputs.size()];
    ((org.apache.spark.sql.classic.Dataset<Row>) onlyRead(events))
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .mapPartitions(new Task(targets, Place.of(events.schema())))
        .collect()
        .forEach(task -> Arrays.setAll(rows, i -> rows[i] + task[i]));
    return rows;
  }

  /** The same columns, those that no view reads being NULL: they are not read from the files. */
  private Dataset<Row> onlyRead(Dataset<Row> events) {
    return events.select(
        List.of(events.schema().fields()).stream()
            .map(
                field ->
                    isRead(field)
                        ? events.col(field.name())
                        : functions.lit(null).cast(field.dataType()).as(field.name()))
            .toArray(org.apache.spark.sql.Column[]::new));
  }

  private boolean isRead(StructField field) {
    return Place.isPart(field)
        || outputs.stream().anyMatch(o -> o.program().columns().contains(field.name()));
  }

  private record Target(ViewProgram program, RowFiles files, Broadcast<LaterCopies> copies)
      implements Serializable {
    boolean counts(InternalRow event, Place place) {
      return copies == null
          || !copies.value().contains(place.partition(event), place.offset(event));
    }
  }

  /** Where in the log an event lies; the columns are there if a view leaves copies out. */
  private record Place(int partitionColumn, int offsetColumn) implements Serializable {
    static Place of(StructType events) {
      List<String> names = List.of(events.fieldNames());
      return new Place(names.indexOf(StateJoin.PARTITION), names.indexOf(StateJoin.OFFSET));
    }

    static boolean isPart(StructField field) {
      return field.name().equals(StateJoin.PARTITION) || field.name().equals(StateJoin.OFFSET);
    }

    int partition(InternalRow event) {
      return event.getInt(partitionColumn);
    }

    long offset(InternalRow event) {
      return event.getLong(offsetColumn);
    }
  }

  private record Task(ArrayList<Target> targets, Place place)
      implements FlatMapFunction<Iterator<InternalRow>, long[]>, Serializable {
    @Override
    public Iterator<long[]> call(Iterator<InternalRow> events) {
      TaskContext context = TaskContext.get();
      List<RowFiles.File> files = new ArrayList<>();
      List<ViewPass> passes = new ArrayList<>();
      try {
        for (Target target : targets) {
          RowFiles.File file = target.files().open(context);
          files.add(file);
          passes.add(new ViewPass(target.program()).start(context, file::write));
        }
        while (events.hasNext()) {
          InternalRow event = events.next();
          for (int i = 0; i < passes.size(); i++) {
            if (targets.get(i).counts(event, place)) {
              passes.get(i).add(event);
            }
          }
        }
        long[] rows = new long[passes.size()];
        for (int i = 0; i < passes.size(); i++) {
          rows[i] = passes.get(i).finish();
          files.get(i).commit();
        }
        return List.of(rows).iterator();
      } finally {
        passes.forEach(ViewPass::close);
        files.forEach(RowFiles.File::close);
      }
    }
  }
}
