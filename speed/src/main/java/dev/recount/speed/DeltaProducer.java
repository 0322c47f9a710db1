package dev.recount.speed;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.compile.DeltaSize;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Sends the deltas of one event and waits until the broker has them. It outlives a micro-batch, for
 * its connections; no two events share one, so that what fails for one, or fills its buffer, stops
 * no other. After a failure it is thrown away, and the micro-batch is written again from its
 * beginning by a new one.
 */
final class DeltaProducer {
  /** Room for what a slow broker makes wait, beside the largest delta. */
  private static final int WAITING_BYTES = 32 << 20;

  private static final Map<String, DeltaProducer> OPEN = new ConcurrentHashMap<>();

  private final String event;
  private final KafkaClients kafka;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  private DeltaProducer(String event, KafkaClients kafka) {
    this.event = event;
    this.kafka = kafka;
    this.producer = kafka.producer(settings());
  }

  private static Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 * 1024);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DeltaSize.LARGEST_BATCH_BYTES);
    settings.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG, DeltaSize.LARGEST_BATCH_BYTES + WAITING_BYTES);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    return settings;
  }

  /** The one of an event, in this process. */
  static DeltaProducer of(String event, KafkaClients kafka) {
    return OPEN.computeIfAbsent(event, e -> new DeltaProducer(e, kafka));
  }

  /** Hands a delta over; a failure shows at {@link #flush}. */
  void send(String topic, byte[] key, byte[] value) {
    try {
      producer.send(
          new ProducerRecord<>(topic, key, value),
          (metadata, e) -> {
            if (e != null) {
              failure.compareAndSet(null, e);
            }
          });
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
      throw failed(e);
    }
  }

  /**
   * Waits until all deltas handed over are acknowledged.
   *
   * @throws RecountException KAFKA_UNAVAILABLE where one was not
   */
  void flush() {
    try {
      producer.flush();
    } catch (KafkaException e) {
      failure.compareAndSet(null, e);
    }
    Exception e = failure.get();
    if (e != null) {
      throw failed(e);
    }
  }

  private RecountException failed(Exception e) {
    if (OPEN.remove(event, this)) {
      producer.close(java.time.Duration.ZERO);
    }
    return new RecountException(
        ErrorCode.KAFKA_UNAVAILABLE,
        "Cannot write deltas of event '"
            + event
            + "' to Kafka at '"
            + kafka.bootstrap()
            + "': "
            + e.getMessage()
            + "; is the stack up? (recount status)",
        e);
  }
}
