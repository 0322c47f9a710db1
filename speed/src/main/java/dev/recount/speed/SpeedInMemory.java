package dev.recount.speed;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.pass.HeapBudget;
import dev.recount.planner.pass.InTask;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.RawRecord;
import dev.recount.planner.state.StateTable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;

/**
 * The speed layer of one view over records that are given, without Kafka: its own workers, and the
 * deltas that they would send. For tests of views.
 */
public final class SpeedInMemory {
  /** The first record arrives then; any whole number of buckets. */
  private static final long FIRST_MS = 1_700_000_000_000L;

  private static final int PARTITION = 0;

  /**
   * How records are divided.
   *
   * @param cut so many arrive before the cut of the batch
   * @param isOneMicroBatch whether those after it are one micro-batch, else each is its own
   */
  public record Division(int cut, boolean isOneMicroBatch) {}

  private final SparkSession spark;
  private final RecountConfig config;
  private final ViewCompiler compiler;
  private final ViewPlan plan;
  private final Definition definition;
  private final ViewProgram program;

  /**
   * @param state the event that the view joins; null if it joins none
   */
  public SpeedInMemory(
      SparkSession spark,
      RecountConfig config,
      ViewCompiler compiler,
      ViewPlan plan,
      EventSchema event,
      EventSchema state) {
    this.spark = spark;
    this.config = config;
    this.compiler = compiler;
    this.plan = plan;
    this.definition =
        new Definition(event, List.of(), state == null ? Map.of() : Map.of(state.name(), state));
    this.program = compiler.program(plan, EventWorkers.type(definition, plan), true);
  }

  /**
   * Gives the deltas of what arrives after the cut, as their JSON, for each division. Records
   * before it are known to the workers as they are in a stream: as ids and as states.
   *
   * @param records of the view's events, in order of arrival
   */
  public List<List<String>> deltas(List<RawRecord> records, List<Division> divisions) {
    return InTask.run(
        spark,
        task -> {
          List<List<String>> all = new ArrayList<>();
          divisions.forEach(division -> all.add(new Stream(division, task).deltas(records)));
          return all;
        });
  }

  private static long arrivalMs(int index, int records, Division division, RecountConfig config) {
    return index < division.cut()
        ? FIRST_MS + index
        : Cut.closeOfBucket(FIRST_MS + records, config.cut().grain()) + index;
  }

  /** One division of the records. */
  private final class Stream {
    private final Division division;
    private final TaskContext task;
    private final List<InternalRow> waiting = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final Copies copies = new Copies(plan.event(), config);
    private long id;
    private long position;

    Stream(Division division, TaskContext task) {
      this.division = division;
      this.task = task;
    }

    List<String> deltas(List<RawRecord> records) {
      try (StateTable table = table()) {
        Worker worker = worker(table);
        for (int i = 0; i < records.size(); i++) {
          if (i == division.cut()) {
            microBatch(worker);
            sent.clear();
          }
          add(records.get(i), arrivalMs(i, records.size(), division, config), i, table);
          if (i >= division.cut() && !division.isOneMicroBatch()) {
            microBatch(worker);
          }
        }
        microBatch(worker);
      }
      return division.cut() == records.size() ? List.of() : sent;
    }

    private StateTable table() {
      return plan.join() == null
          ? null
          : new StateTable(
              plan.join(),
              EventRows.type(state()),
              program.columns(),
              HeapBudget.shared(Long.MAX_VALUE).open());
    }

    private EventSchema state() {
      return definition.states().get(plan.join().state());
    }

    private Worker worker(StateTable table) {
      ViewTarget target = EventWorkers.target(compiler, plan, program, definition, table);
      List<ViewTarget> targets = List.of(target);
      copies.use(ViewTarget.distinctFields(targets).stream().map(DistinctField::name).toList());
      return new Worker(
          EventWorkers.type(definition.schema()),
          decoder(definition.schema()),
          config.cut().grain(),
          targets,
          copies);
    }

    private EventRows decoder(EventSchema schema) {
      return new EventRows(schema, fingerprint -> Optional.empty(), config.events().maxSizeBytes());
    }

    private void add(RawRecord record, long arrivalMs, int offset, StateTable table) {
      if (record.event().equals(plan.event())) {
        waiting.add(asSparkGivesIt(record.value(), arrivalMs));
      } else {
        Row row = decoder(state()).decode(record.value(), arrivalMs);
        table.add(
            ExpressionEncoder.apply(RowEncoder.encoderFor(EventRows.type(state()), true))
                .createSerializer()
                .apply(row),
            arrivalMs,
            PARTITION,
            offset);
      }
    }

    private void microBatch(Worker worker) {
      copies.begin(at(position));
      Worker.Outcome outcome =
          worker.run(
              waiting.iterator(),
              task,
              ++id,
              Set.of(),
              (topic, key, value) -> sent.add(new String(value, StandardCharsets.UTF_8)));
      outcome.failures().values().forEach(SpeedInMemory::rethrow);
      position += waiting.size();
      copies.done(at(position));
      waiting.clear();
    }
  }

  private static void rethrow(Throwable failure) {
    throw failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
  }

  private static Positions at(long position) {
    return new Positions(Map.of(PARTITION, position));
  }

  /** The columns of Spark's Kafka source that a worker reads. */
  private static InternalRow asSparkGivesIt(byte[] value, long arrivalMs) {
    Object[] source = new Object[7];
    source[1] = value;
    source[3] = PARTITION;
    source[5] = arrivalMs * 1000;
    return new GenericInternalRow(source);
  }
}
