package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** The raw topic of an event, as the archive reads it. */
final class RawTopic {
  /** Short, because the process has nothing to say of itself meanwhile. */
  private static final Duration DESCRIBE_PATIENCE = Duration.ofSeconds(3);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final KafkaClients kafka;
  private final String event;
  private final String name;

  RawTopic(KafkaClients kafka, String event) {
    this.kafka = kafka;
    this.event = event;
    this.name = Topics.raw(event);
  }

  String event() {
    return event;
  }

  /**
   * The numbers of its partitions.
   *
   * @throws RecountException KAFKA_UNAVAILABLE if it cannot be described
   */
  List<Integer> partitions() {
    List<PartitionInfo> found;
    try (Consumer<byte[], byte[]> consumer = newConsumer(-1)) {
      found = consumer.partitionsFor(name, DESCRIBE_PATIENCE);
    } catch (KafkaException e) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE, e, "Cannot read topic '%s': %s", name, e.getMessage());
    }
    if (found == null || found.isEmpty()) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE,
          "Cannot read topic '%s': it does not exist; 'recount apply' creates it",
          name);
    }
    return found.stream().map(PartitionInfo::partition).toList();
  }

  TopicPartition partition(int partition) {
    return new TopicPartition(name, partition);
  }

  /**
   * The id of the topic as it is now.
   *
   * @throws RecountException KAFKA_UNAVAILABLE
   */
  String id() {
    try (Admin admin = kafka.admin(PATIENCE)) {
      return admin
          .describeTopics(List.of(name))
          .topicNameValues()
          .get(name)
          .get()
          .topicId()
          .toString();
    } catch (InterruptedException | ExecutionException e) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE, e, "Cannot describe topic '%s': %s", name, e);
    }
  }

  /**
   * @throws RecountException LOG_TRUNCATED if the log does not have the position
   */
  void check(Consumer<byte[], byte[]> consumer, TopicPartition partition, long position) {
    long begin = consumer.beginningOffsets(List.of(partition), PATIENCE).get(partition);
    long end = endOf(consumer, partition);
    if (begin > position || end < position) {
      throw ArchiveProblems.truncated(event, partition.partition(), position, begin, end);
    }
  }

  long endOf(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    return consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
  }

  /** A consumer of what is committed; it is assigned nothing yet. */
  Consumer<byte[], byte[]> newConsumer(int partition) {
    return kafka.consumer(
        Map.of(
            ConsumerConfig.CLIENT_ID_CONFIG,
            "recount-archive-" + event + "-" + partition,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            10_000,
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
            100,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            8 << 20,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            16 << 20,
            ConsumerConfig.RECEIVE_BUFFER_CONFIG,
            1 << 20));
  }
}
