package dev.recount.speed;

import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads a part of the log again that was read before. */
final class LogReader {
  /** Is given each record. */
  interface Sink {
    void take(byte[] value, long arrivedMs);
  }

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Map<String, Object> SETTINGS =
      Map.of(
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          "earliest",
          ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
          50_000,
          ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
          8 << 20);

  private final KafkaClients kafka;
  private final TopicPartition partition;

  LogReader(KafkaClients kafka, String topic, int partition) {
    this.kafka = kafka;
    this.partition = new TopicPartition(topic, partition);
  }

  /**
   * @param fromMs the first record is the first that arrived then or later
   * @param end position after the last record
   * @return how many records there were
   * @throws RecountException KAFKA_UNAVAILABLE
   */
  long read(long fromMs, long end, Sink sink) {
    try (KafkaConsumer<byte[], byte[]> consumer = kafka.consumer(SETTINGS)) {
      OffsetAndTimestamp first =
          consumer.offsetsForTimes(Map.of(partition, Math.max(0, fromMs)), PATIENCE).get(partition);
      if (first == null) {
        return 0;
      }
      consumer.assign(List.of(partition));
      consumer.seek(partition, first.offset());
      long records = 0;
      while (consumer.position(partition, PATIENCE) < end) {
        records += poll(consumer, end, sink);
      }
      return records;
    } catch (KafkaException e) {
      throw unavailable(e.getMessage(), e);
    }
  }

  private long poll(KafkaConsumer<byte[], byte[]> consumer, long end, Sink sink) {
    long position = consumer.position(partition, PATIENCE);
    long records = 0;
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(PATIENCE)) {
      if (record.offset() < end) {
        sink.take(record.value(), record.timestamp());
        records++;
      }
    }
    if (consumer.position(partition, PATIENCE) == position) {
      throw unavailable("nothing arrived within " + DurationText.of(PATIENCE), null);
    }
    return records;
  }

  private RecountException unavailable(String reason, Throwable cause) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        cause,
        "Cannot read %s back from Kafka at '%s': %s; is the stack up? (recount status)",
        partition,
        kafka.bootstrap(),
        reason);
  }
}
