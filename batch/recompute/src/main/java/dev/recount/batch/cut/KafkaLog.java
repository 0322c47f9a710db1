package dev.recount.batch.cut;

import dev.recount.core.Deadline;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.BrokerClock;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Where the raw topics end, and when a record arrived. Records of open transactions count: they
 * have arrived, and the archive will hold them once they are committed. Not thread-safe.
 */
public final class KafkaLog implements CutPicker.EventLog, AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final KafkaClients kafka;
  private final KafkaConsumer<byte[], byte[]> committed;
  private final KafkaConsumer<byte[], byte[]> all;
  private final BrokerClock brokers;

  public KafkaLog(KafkaClients kafka) {
    this.kafka = kafka;
    this.committed = newConsumer("read_committed");
    this.all = newConsumer("read_uncommitted");
    this.brokers = new BrokerClock(kafka);
  }

  private KafkaConsumer<byte[], byte[]> newConsumer(String isolation) {
    return kafka.consumer(
        Map.of(
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            1,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            64 * 1024,
            ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            Math.toIntExact(TIMEOUT.toMillis()),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            isolation));
  }

  @Override
  public long nowMs() {
    return brokers.nowMs();
  }

  @Override
  public Map<Integer, Long> endPositions(String event) {
    return ends(Topics.raw(event));
  }

  /** For each partition of a topic, the position after its last record. */
  public Map<Integer, Long> ends(String topic) {
    try {
      List<TopicPartition> partitions =
          all.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      if (partitions.isEmpty()) {
        throw RecountException.of(
            ErrorCode.KAFKA_UNAVAILABLE,
            "Cannot read topic '%s' at %s: it does not exist; run apply",
            topic,
            kafka.bootstrap());
      }
      Map<Integer, Long> ends = new TreeMap<>();
      all.endOffsets(partitions).forEach((p, end) -> ends.put(p.partition(), end));
      return ends;
    } catch (KafkaException e) {
      throw unavailable(topic, e);
    }
  }

  @Override
  public OptionalLong arrivalMs(String event, int partition, long position, long end) {
    TopicPartition from = new TopicPartition(Topics.raw(event), partition);
    try {
      long stable = Math.min(end, committed.endOffsets(List.of(from)).get(from));
      OptionalLong first = firstArrival(committed, from, position, stable);
      return first.isPresent() ? first : firstArrival(all, from, Math.max(position, stable), end);
    } catch (InvalidOffsetException e) {
      throw RecountException.of(
          ErrorCode.LOG_TRUNCATED,
          e,
          "Cannot cut behind offset %s of %s: the archive holds the records before it, "
              + "but the log no longer has those after it. The old answers stay; see recount "
              + "status and the archive's log",
          position,
          from);
    } catch (KafkaException e) {
      throw unavailable(from.toString(), e);
    }
  }

  private OptionalLong firstArrival(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition from, long position, long end) {
    Deadline deadline = Deadline.after(TIMEOUT);
    consumer.assign(List.of(from));
    consumer.seek(from, position);
    while (consumer.position(from) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        return OptionalLong.of(record.timestamp());
      }
      if (deadline.isExpired()) {
        throw unavailable(from + " at offset " + position, null);
      }
    }
    return OptionalLong.empty();
  }

  private RecountException unavailable(String thing, Exception cause) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        cause,
        "Cannot read %s from Kafka at %s: %s; is the stack up? (recount status)",
        thing,
        kafka.bootstrap(),
        cause == null ? "no answer within " + DurationText.of(TIMEOUT) : cause.getMessage());
  }

  @Override
  public void close() {
    committed.close(Duration.ofSeconds(2));
    all.close(Duration.ofSeconds(2));
    brokers.close();
  }
}
