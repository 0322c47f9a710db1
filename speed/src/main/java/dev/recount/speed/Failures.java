package dev.recount.speed;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;

/** Says what a failed query means. */
final class Failures {
  private Failures() {}

  /** The Recount error inside, or the nearest one to what went wrong. */
  static RecountException explain(String event, Throwable failure) {
    Throwable root = failure;
    Set<Throwable> seen = new HashSet<>();
    for (Throwable e = failure; e != null && seen.add(e); e = e.getCause()) {
      if (e instanceof RecountException known) {
        return known;
      }
      if (e instanceof OffsetOutOfRangeException || isDataLoss(e)) {
        return logTruncated(event, e);
      }
      if (e instanceof KafkaException || e instanceof java.util.concurrent.TimeoutException) {
        return kafka(event, e);
      }
      root = e;
    }
    return new RecountException(
        ErrorCode.INTERNAL,
        "Cannot continue the speed layer of event '" + event + "': " + root,
        failure);
  }

  /** Spark's Kafka source has no public type for it, only a condition. */
  private static boolean isDataLoss(Throwable e) {
    return e instanceof org.apache.spark.SparkThrowable thrown
        && thrown.getCondition() != null
        && thrown.getCondition().startsWith("KAFKA_DATA_LOSS");
  }

  private static RecountException logTruncated(String event, Throwable e) {
    return new RecountException(
        ErrorCode.LOG_TRUNCATED,
        "Cannot continue the speed layer of event '"
            + event
            + "': the topic no longer holds the records after its last micro-batch ("
            + e.getMessage()
            + "); the speed layer was down for longer than events.retention",
        e);
  }

  private static RecountException kafka(String event, Throwable e) {
    return new RecountException(
        ErrorCode.KAFKA_UNAVAILABLE,
        "Cannot read events '"
            + event
            + "' from Kafka: "
            + e.getMessage()
            + "; is the stack up? (recount status)",
        e);
  }
}
