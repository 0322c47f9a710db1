package dev.recount.speed;

import dev.recount.infra.clients.kafka.KafkaClients;
import java.io.Serializable;
import java.util.Iterator;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.LongAccumulator;

/**
 * The deltas of one micro-batch: one task for each partition of the topic, which runs all views.
 *
 * @param id the micro-batch's number
 */
record MicroBatch(
    String event, long id, KafkaClients kafka, LongAccumulator undecodable, LongAccumulator deltas)
    implements VoidFunction<Iterator<InternalRow>>, Serializable {

  /**
   * Returns when every delta is acknowledged.
   *
   * @param records as Spark's Kafka source gives them
   */
  void write(Dataset<Row> records) {
    ((org.apache.spark.sql.classic.Dataset<Row>) records)
        .queryExecution()
        .toRdd()
        .toJavaRDD()
        .foreachPartition(this);
  }

  @Override
  public void call(Iterator<InternalRow> records) {
    DeltaProducer producer = DeltaProducer.of(event, kafka);
    long[] sent = new long[1];
    try (EventWorkers.Loan loan = EventWorkers.borrow(event)) {
      undecodable.add(
          loan.worker()
              .run(
                  records,
                  TaskContext.get(),
                  id,
                  (topic, key, value) -> {
                    producer.send(topic, key, value);
                    sent[0]++;
                  }));
    }
    producer.flush();
    deltas.add(sent[0]);
  }
}
