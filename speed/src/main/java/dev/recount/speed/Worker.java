package dev.recount.speed;

import dev.recount.core.cut.Cut;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.pass.ViewPass;
import dev.recount.planner.row.EventRows;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a task does with its records of a micro-batch: it decodes each once and runs every view on
 * it. A view that fails is left out until the end, and the others continue. Not thread-safe.
 */
final class Worker {
  /** Is given every delta. */
  interface Sink {
    void send(String topic, byte[] key, byte[] value);
  }

  /**
   * What a task did.
   *
   * @param undecodable how many records could not be decoded; the archive writer is the one that
   *     makes dead letters of them
   * @param failures why views failed, by delta topic
   */
  record Outcome(long undecodable, Map<String, Throwable> failures) {}

  /** A view in this worker. */
  private static final class Output {
    private final ViewTarget target;

    /** Which copies the view leaves out. */
    private final int distinct;

    /** Null before the first micro-batch, and after a failure. */
    private ViewPass pass;

    /** Finds the states that it joins; null if it joins none. */
    private StateFinder finder;

    private TaskContext task;
    private EndlessViews.Call call;
    private boolean isRunning;
    private Throwable failure;

    Output(ViewTarget target, List<DistinctField> fields) {
      this.target = target;
      this.distinct = CopyMarks.number(target.distinct(), fields);
    }

    void start(TaskContext newTask, EndlessViews.Call newCall, long id, int partition, Sink sink) {
      task = newTask;
      call = newCall;
      failure = null;
      isRunning = true;
      try {
        call.enter(target.topic());
        if (pass == null) {
          finder = target.lookup() == null ? null : new StateFinder(target.lookup());
          pass = new ViewPass(target.program());
        }
        Deltas deltas = new Deltas(target.program().type(), target.dimensions());
        pass.startParts(
            newTask,
            (row, part) -> {
              long chunk = Deltas.chunk(id, partition, part);
              byte[] key = deltas.key(row, chunk);
              byte[] value = deltas.value(row, chunk);
              call.leave();
              sink.send(target.topic(), key, value);
              call.enter(target.topic());
            });
      } catch (Throwable e) {
        fail(e);
      } finally {
        call.leave();
      }
    }

    void add(InternalRow event, long arrivalMs) {
      if (!isRunning) {
        return;
      }
      try {
        call.enter(target.topic());
        if (finder == null) {
          pass.add(event);
        } else {
          pass.beginEvent();
          finder.forEach(event, arrivalMs, pass::addRow);
        }
      } catch (Throwable e) {
        fail(e);
      } finally {
        call.leave();
      }
    }

    void finish() {
      if (!isRunning) {
        return;
      }
      try {
        call.enter(target.topic());
        pass.finish();
      } catch (Throwable e) {
        fail(e);
      } finally {
        call.leave();
      }
    }

    /** Leaves the view out from now on; what its pass holds may be in any state. */
    private void fail(Throwable e) {
      Failures.requireOfView(e, task);
      LOG.warn("The view of {} fails in a micro-batch", target.topic(), e);
      failure = e;
      isRunning = false;
      ViewPass broken = pass;
      pass = null;
      if (broken != null) {
        try {
          broken.close();
        } catch (RuntimeException alsoBroken) {
          e.addSuppressed(alsoBroken);
        }
      }
    }

    /** Ends the micro-batch; why the view failed in it, or null. */
    Throwable end() {
      isRunning = false;
      Throwable found = failure;
      failure = null;
      if (pass != null) {
        try {
          pass.close();
        } catch (RuntimeException e) {
          pass = null;
          return found == null ? e : found;
        }
      }
      return found;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
  private static final long MICROS_OF_MILLI = 1000;

  private final EventRows decoder;
  private final Duration grain;
  private final ExpressionEncoder.Serializer<Row> serializer;
  private final CopyMarks marks;
  private final List<Output> outputs;

  /**
   * @param type of an event's row, with the arrival bucket as last column
   */
  Worker(
      StructType type, EventRows decoder, Duration grain, List<ViewTarget> targets, Copies copies) {
    this.decoder = decoder;
    this.grain = grain;
    this.serializer = ExpressionEncoder.apply(RowEncoder.encoderFor(type, true)).createSerializer();
    List<DistinctField> fields = ViewTarget.distinctFields(targets);
    this.marks = new CopyMarks(copies, fields, decoder);
    this.outputs = targets.stream().map(t -> new Output(t, fields)).toList();
  }

  /**
   * Makes deltas of the records of one partition of the topic.
   *
   * @param records as Spark's source gives them
   * @param without delta topics of views that are not run
   */
  Outcome run(
      Iterator<InternalRow> records, TaskContext task, long id, Set<String> without, Sink sink) {
    if (!records.hasNext()) {
      return new Outcome(0, Map.of());
    }
    InternalRow first = records.next();
    int partition = SourceColumn.partition(first);
    marks.start(partition, arrivalMs(first));
    Map<String, Throwable> failures = new HashMap<>();
    long undecodable = 0;
    EndlessViews.Call call = EndlessViews.ofProcess().begin();
    try {
      outputs.stream()
          .filter(output -> !without.contains(output.target.topic()))
          .forEach(output -> output.start(task, call, id, partition, sink));
      undecodable += add(first) ? 0 : 1;
      while (records.hasNext()) {
        InternalRow next = records.next();
        requirePartition(partition, next);
        undecodable += add(next) ? 0 : 1;
      }
      outputs.forEach(Output::finish);
    } finally {
      call.close();
      for (Output output : outputs) {
        Throwable e = output.end();
        if (e != null) {
          failures.put(output.target.topic(), e);
        }
      }
    }
    return new Outcome(undecodable, failures);
  }

  /** The keys of deltas name one partition. */
  private static void requirePartition(int partition, InternalRow rec) {
    if (SourceColumn.partition(rec) != partition) {
      throw RecountException.of(
          ErrorCode.INTERNAL,
          "Cannot make deltas: a task has records of the partitions %s and %s",
          partition,
          SourceColumn.partition(rec));
    }
  }

  /** False if the record cannot be decoded. */
  private boolean add(InternalRow rec) {
    long arrivalMs = arrivalMs(rec);
    Row fields;
    try {
      fields = decoder.decode(SourceColumn.value(rec), arrivalMs);
    } catch (RecountException e) {
      if (e.code() != ErrorCode.EVENT_UNDECODABLE) {
        throw e;
      }
      return false;
    }
    Object[] values = new Object[fields.length() + 1];
    for (int i = 0; i < fields.length(); i++) {
      values[i] = fields.get(i);
    }
    values[fields.length()] = Cut.bucket(arrivalMs, grain);
    InternalRow event = serializer.apply(RowFactory.create(values));
    marks.look(fields, arrivalMs);
    for (Output output : outputs) {
      if (!marks.isCopy(output.distinct)) {
        output.add(event, arrivalMs);
      }
    }
    return true;
  }

  private static long arrivalMs(InternalRow rec) {
    return Math.floorDiv(SourceColumn.timestampMicros(rec), MICROS_OF_MILLI);
  }

  /** The columns of Spark's Kafka source, by their places. */
  private static final class SourceColumn {
    private static final int VALUE = 1;
    private static final int PARTITION = 3;
    private static final int TIMESTAMP = 5;

    private SourceColumn() {}

    /** Null for a tombstone. */
    static byte[] value(InternalRow row) {
      return row.isNullAt(VALUE) ? null : row.getBinary(VALUE);
    }

    static int partition(InternalRow row) {
      return row.getInt(PARTITION);
    }

    static long timestampMicros(InternalRow row) {
      return row.getLong(TIMESTAMP);
    }
  }
}
