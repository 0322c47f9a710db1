package dev.recount.speed;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;

/** Says what a failed query, or a failed view, means. */
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
    return RecountException.of(
        ErrorCode.INTERNAL,
        failure,
        "Cannot continue the speed layer of event '%s': %s",
        event,
        root);
  }

  /** Whether the log no longer holds what comes after the last micro-batch. */
  static boolean isLogLost(Throwable failure) {
    return find(failure, Failures::isDataLoss).isPresent();
  }

  /** Spark's Kafka source has no public type for it, only a condition. */
  private static boolean isDataLoss(Throwable e) {
    return e instanceof org.apache.spark.SparkThrowable thrown
        && thrown.getCondition() != null
        && thrown.getCondition().startsWith("KAFKA_DATA_LOSS");
  }

  /**
   * Throws on what concerns more than the view in whose work it was thrown: exhausted memory, and
   * the end of the task.
   *
   * @param task null outside of one
   */
  static void requireOfView(Throwable e, TaskContext task) {
    boolean isBroken = e instanceof VirtualMachineError && !(e instanceof StackOverflowError);
    boolean isEnding =
        task != null && task.isInterrupted()
            || find(e, c -> c instanceof InterruptedException).isPresent()
            || find(e, c -> c instanceof InterruptException).isPresent()
            || find(e, c -> c instanceof TaskKilledException).isPresent();
    if (isBroken || isEnding) {
      Failures.<RuntimeException>rethrow(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void rethrow(Throwable e) throws T {
    throw (T) e;
  }

  /**
   * Whether it is trouble that a broker, the catalog or a producer may have with whatever is sent,
   * and not what is sent.
   */
  static boolean isOfBroker(Throwable failure) {
    Optional<Throwable> kafka = find(failure, e -> e instanceof KafkaException);
    if (kafka.isPresent()) {
      return !(kafka.get() instanceof ApiException)
          || kafka.get() instanceof RetriableException
          || kafka.get() instanceof AuthenticationException
          || kafka.get() instanceof ClusterAuthorizationException
          || kafka.get() instanceof UnsupportedVersionException
          || kafka.get() instanceof OutOfOrderSequenceException
          || kafka.get() instanceof InvalidProducerEpochException
          || kafka.get() instanceof ProducerFencedException;
    }
    return find(
            failure,
            e ->
                e instanceof RecountException known
                    && (known.code() == ErrorCode.KAFKA_UNAVAILABLE
                        || known.code() == ErrorCode.CATALOG_UNAVAILABLE))
        .isPresent();
  }

  /** Whether its message says all. */
  static boolean isNamed(Throwable e) {
    return e instanceof RecountException && e.getMessage() != null;
  }

  private static Optional<Throwable> find(Throwable failure, Predicate<Throwable> wanted) {
    Set<Throwable> seen = new HashSet<>();
    for (Throwable e = failure; e != null && seen.add(e); e = e.getCause()) {
      if (wanted.test(e)) {
        return Optional.of(e);
      }
    }
    return Optional.empty();
  }

  private static RecountException logTruncated(String event, Throwable e) {
    return RecountException.of(
        ErrorCode.LOG_TRUNCATED,
        e,
        "Cannot continue the speed layer of event '%s': the topic no longer holds the "
            + "records after its last micro-batch (%s); the speed layer was down for longer "
            + "than events.retention",
        event,
        e.getMessage());
  }

  private static RecountException kafka(String event, Throwable e) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        e,
        "Cannot read events '%s' from Kafka: %s; is the stack up? (recount status)",
        event,
        e.getMessage());
  }
}
