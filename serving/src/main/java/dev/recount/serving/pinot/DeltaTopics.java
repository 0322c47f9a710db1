package dev.recount.serving.pinot;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.serving.sql.QueryErrors;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Where the delta topics end. Thread-safe. */
final class DeltaTopics implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final Admin admin;
  private final Map<String, List<TopicPartition>> partitions = new ConcurrentHashMap<>();

  DeltaTopics(KafkaClients kafka) {
    this.admin = kafka.admin(TIMEOUT);
  }

  /**
   * For each partition of a topic, the position after its last record.
   *
   * @throws RecountException QUERY_TIMEOUT, KAFKA_UNAVAILABLE
   */
  Map<Integer, Long> ends(String topic, Deadline deadline) {
    try {
      List<TopicPartition> of = partitions.get(topic);
      if (of == null) {
        of =
            KafkaAnswer.await(
                    admin.describeTopics(List.of(topic)).allTopicNames(), deadline.remaining())
                .get(topic)
                .partitions()
                .stream()
                .map(p -> new TopicPartition(topic, p.partition()))
                .toList();
        partitions.put(topic, of);
      }
      Map<Integer, Long> ends = new HashMap<>();
      KafkaAnswer.await(
              admin
                  .listOffsets(
                      of.stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest())))
                  .all(),
              deadline.remaining())
          .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
      return ends;
    } catch (TimeoutException e) {
      throw QueryErrors.timeout();
    } catch (KafkaException e) {
      throw unavailable(topic, e.getMessage(), e);
    }
  }

  private static RecountException unavailable(String topic, String reason, Exception cause) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        cause,
        "Cannot ask Kafka where the topic '%s' ends: %s; see recount status",
        topic,
        reason);
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
