package dev.recount.speed;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * What the broker says about a topic, mostly an event's raw topic. Every method throws {@link
 * RecountException} KAFKA_UNAVAILABLE if it does not answer, and LOG_TRUNCATED if a topic that must
 * exist does not.
 */
final class EventLog {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Admin admin;
  private final String topic;

  EventLog(Admin admin, String event) {
    this(Topics.raw(event), admin);
  }

  private EventLog(String topic, Admin admin) {
    this.admin = admin;
    this.topic = topic;
  }

  /** The deltas of a view version. */
  static EventLog ofDeltas(Admin admin, String table) {
    return new EventLog(Topics.deltas(table), admin);
  }

  boolean exists() {
    return describe() != null;
  }

  /** The end of the log, records of open transactions included. */
  Positions endOfAll() {
    Map<Integer, Long> next = new TreeMap<>();
    list(OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)
        .forEach((p, info) -> next.put(p.partition(), info.offset()));
    return new Positions(next);
  }

  /** Whether the log still has its first record in every partition. */
  boolean isWhole() {
    return list(OffsetSpec.earliest()).values().stream().allMatch(info -> info.offset() == 0);
  }

  /**
   * The largest arrival of any record in the log, milliseconds, records of open transactions
   * included; empty if there is none.
   *
   * @throws RecountException KAFKA_UNAVAILABLE if a partition that has records does not say
   */
  OptionalLong newestArrivalMs() {
    Map<TopicPartition, ListOffsetsResultInfo> newest =
        list(OffsetSpec.maxTimestamp(), IsolationLevel.READ_UNCOMMITTED);
    if (newest.values().stream().anyMatch(info -> info.offset() < 0)) {
      // The broker also says nothing where the newest record is not on enough replicas yet.
      Map<TopicPartition, ListOffsetsResultInfo> begins = list(OffsetSpec.earliest());
      list(OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)
          .forEach(
              (p, end) -> {
                if (newest.get(p).offset() < 0 && end.offset() > begins.get(p).offset()) {
                  throw unavailable(
                      "partition " + p.partition() + " does not say when its newest record arrived",
                      null);
                }
              });
    }
    return newest.values().stream()
        .filter(info -> info.offset() >= 0)
        .mapToLong(ListOffsetsResultInfo::timestamp)
        .max();
  }

  private Map<TopicPartition, ListOffsetsResultInfo> list(OffsetSpec spec) {
    return list(spec, IsolationLevel.READ_COMMITTED);
  }

  private Map<TopicPartition, ListOffsetsResultInfo> list(
      OffsetSpec spec, IsolationLevel isolation) {
    TopicDescription description = describe();
    if (description == null) {
      throw RecountException.of(
          ErrorCode.LOG_TRUNCATED,
          "Cannot read the topic '%s': it does not exist; was it deleted?",
          topic);
    }
    Map<TopicPartition, OffsetSpec> asked =
        description.partitions().stream()
            .map(p -> new TopicPartition(topic, p.partition()))
            .collect(Collectors.toMap(Function.identity(), p -> spec));
    try {
      return KafkaAnswer.await(
          admin.listOffsets(asked, new ListOffsetsOptions(isolation)).all(), PATIENCE);
    } catch (KafkaException e) {
      throw unavailable(e.getMessage(), e);
    }
  }

  /** Null if there is no such topic. */
  private TopicDescription describe() {
    try {
      return KafkaAnswer.await(
          admin.describeTopics(List.of(topic)).topicNameValues().get(topic), PATIENCE);
    } catch (UnknownTopicOrPartitionException e) {
      return null;
    } catch (KafkaException e) {
      throw unavailable(e.getMessage(), e);
    }
  }

  private RecountException unavailable(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        cause,
        "Cannot read the topic '%s': %s; is the stack up? (recount status)",
        topic,
        reason);
  }
}
