package dev.recount.speed;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends deltas and waits until the broker has them. One producer a process and broker list: its
 * connections outlive a micro-batch. After a failure it is thrown away, and the micro-batch is
 * written again from its beginning by a new one.
 */
final class DeltaProducer {
  private static final Map<String, DeltaProducer> OPEN = new ConcurrentHashMap<>();

  private final String bootstrap;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  private DeltaProducer(String bootstrap) {
    this.bootstrap = bootstrap;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.BATCH_SIZE_CONFIG,
                256 * 1024,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                64L * 1024 * 1024,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                20_000,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                10_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                30_000),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  static DeltaProducer of(String bootstrap) {
    return OPEN.computeIfAbsent(bootstrap, DeltaProducer::new);
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
    if (OPEN.remove(bootstrap, this)) {
      producer.close(java.time.Duration.ZERO);
    }
    return new RecountException(
        ErrorCode.KAFKA_UNAVAILABLE,
        "Cannot write deltas to Kafka at '"
            + bootstrap
            + "': "
            + e.getMessage()
            + "; is the stack up? (recount status)",
        e);
  }
}
