package dev.recount.infra.clients.kafka;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ForwardingAdmin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes the clients of Kafka, all to the same brokers and with the same {@code kafka.client}
 * settings. Each method throws {@link RecountException} KAFKA_UNAVAILABLE if the settings allow no
 * client; none waits for a broker.
 */
public record KafkaClients(RecountConfig.Kafka kafka) implements Serializable {
  public static KafkaClients of(RecountConfig config) {
    return new KafkaClients(config.kafka());
  }

  /** The brokers, for messages. */
  public String bootstrap() {
    return kafka.bootstrap();
  }

  /**
   * An admin client whose {@code close()} returns, too. Kafka's own waits without end for its
   * thread, which may never get to know that it should end while a broker takes connections and
   * answers nothing.
   *
   * @param patience how long a request may take, and closing
   */
  public Admin admin(Duration patience) {
    int millis = Math.toIntExact(patience.toMillis());
    return make(
        settings ->
            new ForwardingAdmin(settings) {
              @Override
              public void close(Duration limit) {
                super.close(limit.compareTo(patience) < 0 ? limit : patience);
              }
            },
        Map.of(
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            millis,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            millis));
  }

  /** A producer of bytes. */
  public KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
    return make(
        all -> new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer()),
        settings);
  }

  /**
   * A consumer of bytes, in no group. Unless the settings say otherwise, it reads committed records
   * only and fails where a position is gone.
   */
  public KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>();
    all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    all.putAll(settings);
    return make(
        merged ->
            new KafkaConsumer<>(merged, new ByteArrayDeserializer(), new ByteArrayDeserializer()),
        all);
  }

  /** The connection as Spark's Kafka source takes it. */
  public Map<String, String> sparkOptions() {
    return connection().entrySet().stream()
        .collect(Collectors.toMap(e -> "kafka." + e.getKey(), Map.Entry::getValue));
  }

  private Map<String, String> connection() {
    Map<String, String> connection = new HashMap<>(kafka.client());
    connection.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap());
    return connection;
  }

  private <T> T make(Function<Map<String, Object>, T> maker, Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(connection());
    all.putAll(settings);
    try {
      return maker.apply(all);
    } catch (KafkaException e) {
      Throwable reason = e;
      while (reason.getCause() != null) {
        reason = reason.getCause();
      }
      throw new RecountException(
          ErrorCode.KAFKA_UNAVAILABLE,
          "Cannot make a client of Kafka at '%s': %s; see kafka.bootstrap and kafka.client in the settings"
              .formatted(bootstrap(), reason.getMessage()),
          e);
    }
  }
}
