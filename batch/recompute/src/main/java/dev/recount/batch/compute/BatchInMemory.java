package dev.recount.batch.compute;

import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.pass.InTask;
import dev.recount.planner.pass.ViewPass;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.RawRecord;
import dev.recount.planner.state.StateJoin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The batch layer of one view over records that are given, without an archive: the rows that a full
 * run would keep on the lake, for each cut. For tests of views.
 */
public final class BatchInMemory {
  private static final int PARTITION = 0;

  private final SparkSession spark;
  private final ViewCompiler compiler;
  private final ViewPlan plan;
  private final EventSchema event;
  private final EventSchema state;

  /**
   * @param state the event that the view joins; null if it joins none
   */
  public BatchInMemory(
      SparkSession spark,
      ViewCompiler compiler,
      ViewPlan plan,
      EventSchema event,
      EventSchema state) {
    this.spark = spark;
    this.compiler = compiler;
    this.plan = plan;
    this.event = event;
    this.state = state;
  }

  /**
   * Gives the rows of the view, column to value, for the cut before each record and the one after
   * the last.
   *
   * @param records of the view's events, in order of arrival
   */
  public List<List<Map<String, Object>>> rows(List<RawRecord> records) {
    Dataset<Row> events = frame(event, records);
    LaterCopies copies =
        DistinctField.of(plan, EventRows.type(event))
            .map(field -> LaterCopies.find(events, field.name()))
            .orElseGet(LaterCopies::new);
    Dataset<Row> counted = state == null ? events : joined(events, records);
    ViewProgram program = compiler.program(plan, counted.schema(), false);
    int place = counted.schema().fieldIndex(StateJoin.OFFSET);
    List<InternalRow> inOrder =
        new ArrayList<>(
            ((org.apache.spark.sql.classic.Dataset<Row>) counted)
                .queryExecution()
                .toRdd()
                .toJavaRDD()
                .map(InternalRow::copy)
                .collect());
    inOrder.removeIf(row -> copies.contains(PARTITION, row.getLong(place)));
    inOrder.sort(Comparator.comparingLong(row -> row.getLong(place)));
    return InTask.run(
        spark,
        task -> {
          List<List<Map<String, Object>>> cuts = new ArrayList<>();
          ViewPass pass = new ViewPass(program);
          for (int cut = 0; cut <= records.size(); cut++) {
            int before = cut;
            cuts.add(
                rows(
                    program,
                    pass,
                    inOrder.stream().filter(row -> row.getLong(place) < before).toList(),
                    task));
          }
          return cuts;
        });
  }

  /** The type of the rows that batch keeps of the view. */
  public StructType type() {
    Dataset<Row> events = frame(event, List.of());
    Dataset<Row> counted = state == null ? events : joined(events, List.of());
    return compiler.program(plan, counted.schema(), false).type();
  }

  private static List<Map<String, Object>> rows(
      ViewProgram program, ViewPass pass, List<InternalRow> events, TaskContext task) {
    List<Map<String, Object>> rows = new ArrayList<>();
    if (events.isEmpty()) {
      return rows; // There is no file to be read, and so no task.
    }
    pass.start(task, row -> rows.add(values(program.type(), row)));
    events.forEach(pass::add);
    pass.finish();
    return rows;
  }

  private static Map<String, Object> values(StructType type, InternalRow row) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (int i = 0; i < type.length(); i++) {
      StructField field = type.fields()[i];
      Object value = row.get(i, field.dataType());
      values.put(field.name(), value instanceof UTF8String text ? text.toString() : value);
    }
    return values;
  }

  private Dataset<Row> joined(Dataset<Row> events, List<RawRecord> records) {
    return compiler
        .join(plan, EventRows.type(event), EventRows.type(state))
        .over(events, frame(state, records));
  }

  /** Records of one event as they are read from the archive, with their places. */
  private Dataset<Row> frame(EventSchema schema, List<RawRecord> records) {
    EventRows decoder = new EventRows(schema, fingerprint -> Optional.empty(), Integer.MAX_VALUE);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      if (records.get(i).event().equals(schema.name())) {
        rows.add(withPlace(decoder.decode(records.get(i).value(), Long.MAX_VALUE), i));
      }
    }
    return spark.createDataFrame(
        rows,
        EventRows.type(schema)
            .add(StateJoin.ARRIVED_AT, DataTypes.TimestampType)
            .add(StateJoin.PARTITION, DataTypes.IntegerType)
            .add(StateJoin.OFFSET, DataTypes.LongType));
  }

  private static Row withPlace(Row event, int index) {
    Object[] values = new Object[event.length() + 3];
    for (int i = 0; i < event.length(); i++) {
      values[i] = event.get(i);
    }
    values[event.length()] = Instant.ofEpochMilli(index);
    values[event.length() + 1] = PARTITION;
    values[event.length() + 2] = (long) index;
    return RowFactory.create(values);
  }
}
