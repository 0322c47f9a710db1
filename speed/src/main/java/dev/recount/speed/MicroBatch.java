package dev.recount.speed;

import dev.recount.contract.event.Topics;
import dev.recount.contract.view.ViewPlan;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/** Writes the rows that a view makes of one micro-batch to its delta topic. */
final class MicroBatch {
  private MicroBatch() {}

  /** Returns when every delta is acknowledged. */
  static void write(
      ViewPlan plan, Dataset<Row> rows, long chunk, String bootstrap, LongAccumulator written) {
    Writer writer =
        new Writer(
            bootstrap,
            Topics.deltas(plan.table()),
            rows.schema(),
            plan.dimensions().size(),
            chunk,
            written);
    ((org.apache.spark.sql.classic.Dataset<Row>) rows)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .foreachPartition(writer);
  }

  /** What a task does with its rows. */
  private record Writer(
      String bootstrap,
      String topic,
      StructType type,
      int dimensions,
      long chunk,
      LongAccumulator written)
      implements VoidFunction<Iterator<InternalRow>>, Serializable {
    @Override
    public void call(Iterator<InternalRow> rows) {
      DeltaProducer producer = DeltaProducer.of(bootstrap);
      Deltas deltas = new Deltas(type, dimensions, chunk);
      long count = 0;
      while (rows.hasNext()) {
        InternalRow row = rows.next();
        producer.send(topic, deltas.key(row), deltas.value(row));
        count++;
      }
      producer.flush();
      written.add(count);
    }
  }
}
