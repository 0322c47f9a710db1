package dev.recount.speed;

import dev.recount.core.cut.Cut;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.pass.ViewPass;
import dev.recount.planner.row.EventRows;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;
import org.apache.spark.sql.types.StructType;

/**
 * What a task does with its records of a micro-batch: it decodes each once and runs every view on
 * it. Not thread-safe.
 */
final class Worker {
  /** Is given every delta. */
  interface Sink {
    void send(String topic, byte[] key, byte[] value);
  }

  /**
   * A view's pass.
   *
   * @param distinct which copies the view leaves out
   * @param finder finds the states that it joins; null where it joins none
   */
  private record Output(
      ViewPass pass, EventWorkers.Target target, int distinct, StateFinder finder) {
    static Output of(EventWorkers.Target target, List<DistinctField> fields) {
      return new Output(
          new ViewPass(target.program()),
          target,
          CopyMarks.number(target.distinct(), fields),
          target.lookup() == null ? null : new StateFinder(target.lookup()));
    }

    void add(InternalRow event, long arrivalMs) {
      if (finder == null) {
        pass.add(event);
      } else {
        pass.beginEvent();
        finder.forEach(event, arrivalMs, pass::addRow);
      }
    }
  }

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
      StructType type,
      EventRows decoder,
      Duration grain,
      List<EventWorkers.Target> targets,
      Copies copies) {
    this.decoder = decoder;
    this.grain = grain;
    this.serializer = ExpressionEncoder.apply(RowEncoder.encoderFor(type, true)).createSerializer();
    List<DistinctField> fields = EventWorkers.distinctFields(targets);
    this.marks = new CopyMarks(copies, fields, decoder);
    this.outputs = targets.stream().map(t -> Output.of(t, fields)).toList();
  }

  /**
   * Makes deltas of the records of one partition of the topic.
   *
   * @param records as Spark's source gives them
   * @return how many could not be decoded; the archive writer is the one that makes dead letters of
   *     them
   */
  long run(Iterator<InternalRow> records, TaskContext task, long id, Sink sink) {
    if (!records.hasNext()) {
      return 0;
    }
    InternalRow first = records.next();
    int partition = SourceColumn.partition(first);
    marks.start(partition, arrivalMs(first));
    start(task, id, partition, sink);
    try {
      long undecodable = add(first) ? 0 : 1;
      while (records.hasNext()) {
        InternalRow next = records.next();
        requirePartition(partition, next);
        undecodable += add(next) ? 0 : 1;
      }
      outputs.forEach(output -> output.pass().finish());
      return undecodable;
    } finally {
      outputs.forEach(output -> output.pass().close());
    }
  }

  private void start(TaskContext task, long id, int partition, Sink sink) {
    for (Output output : outputs) {
      EventWorkers.Target target = output.target();
      Deltas deltas = new Deltas(target.program().type(), target.dimensions());
      output
          .pass()
          .startParts(
              task,
              (row, part) -> {
                long chunk = Deltas.chunk(id, partition, part);
                sink.send(target.topic(), deltas.key(row, chunk), deltas.value(row, chunk));
              });
    }
  }

  /** The keys of deltas name one partition. */
  private static void requirePartition(int partition, InternalRow rec) {
    if (SourceColumn.partition(rec) != partition) {
      throw new RecountException(
          ErrorCode.INTERNAL,
          "Cannot make deltas: a task has records of the partitions "
              + partition
              + " and "
              + SourceColumn.partition(rec));
    }
  }

  /** False where the record cannot be decoded. */
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
      if (!marks.isCopy(output.distinct())) {
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
