package dev.recount.speed;

import dev.recount.infra.clients.kafka.KafkaClients;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.LongAccumulator;

/**
 * The deltas of one micro-batch: one task for each partition of the topic, which runs all views. A
 * view that fails keeps no other from being written.
 *
 * @param id the micro-batch's number
 * @param without delta topics of views that have failed already and are not run
 */
record MicroBatch(
    EventWorkers.Reference workers,
    String event,
    long id,
    KafkaClients kafka,
    Set<String> without,
    LongAccumulator undecodable,
    LongAccumulator deltas)
    implements FlatMapFunction<Iterator<InternalRow>, MicroBatch.Result>, Serializable {

  /**
   * What became of a micro-batch, or of a part of it.
   *
   * @param failures of views, by delta topic
   * @param acknowledged the delta topics that took deltas
   */
  record Result(Map<String, ViewFailure> failures, Set<String> acknowledged)
      implements Serializable {
    private static Result of(List<Result> parts) {
      Map<String, ViewFailure> failures = new HashMap<>();
      Set<String> acknowledged = new HashSet<>();
      for (Result part : parts) {
        part.failures().forEach(failures::putIfAbsent);
        acknowledged.addAll(part.acknowledged());
      }
      return new Result(failures, acknowledged);
    }
  }

  /**
   * Returns when every delta is acknowledged, but for those of views that failed.
   *
   * @param records as Spark's Kafka source gives them
   */
  Result write(Dataset<Row> records) {
    return Result.of(
        ((org.apache.spark.sql.classic.Dataset<Row>) records)
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapPartitions(this)
            .collect());
  }

  @Override
  public Iterator<Result> call(Iterator<InternalRow> records) {
    try (DeltaSender sender = DeltaProducers.ofProcess().sender(event, kafka);
        EventWorkers.Loan loan = workers.borrow()) {
      Worker.Outcome outcome =
          loan.worker().run(records, TaskContext.get(), id, without, sender::send);
      Map<String, ViewFailure> failures = new HashMap<>();
      outcome.failures().forEach((topic, e) -> failures.put(topic, ViewFailure.of(e)));
      // Why a delta was refused says more than that its view could send no other.
      sender.flush().forEach((topic, e) -> failures.put(topic, ViewFailure.of(e)));
      undecodable.add(outcome.undecodable());
      deltas.add(sender.sent());
      return List.of(new Result(failures, Set.copyOf(sender.acknowledged()))).iterator();
    }
  }
}
