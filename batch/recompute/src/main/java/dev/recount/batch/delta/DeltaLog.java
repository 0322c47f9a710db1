package dev.recount.batch.delta;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Deletes deltas from their topics. */
final class DeltaLog {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final KafkaClients kafka;

  DeltaLog(KafkaClients kafka) {
    this.kafka = kafka;
  }

  /**
   * Deletes the records of a table's topic before an offset of each partition. Kafka deletes whole
   * files, within minutes.
   *
   * @throws RecountException KAFKA_UNAVAILABLE
   */
  void deleteBefore(String table, Map<Integer, Long> offsets) {
    if (offsets.isEmpty()) {
      return;
    }
    String topic = Topics.deltas(table);
    Map<TopicPartition, RecordsToDelete> before =
        offsets.entrySet().stream()
            .collect(
                Collectors.toMap(
                    entry -> new TopicPartition(topic, entry.getKey()),
                    entry -> RecordsToDelete.beforeOffset(entry.getValue())));
    try (Admin admin = kafka.admin(PATIENCE)) {
      KafkaAnswer.await(admin.deleteRecords(before).all(), PATIENCE);
    } catch (KafkaException e) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE,
          e,
          "Cannot delete old records of the topic '%s' at %s: %s; the next batch run tries again",
          topic,
          kafka.bootstrap(),
          e.getMessage());
    }
  }
}
