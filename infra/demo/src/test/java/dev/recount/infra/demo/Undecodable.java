package dev.recount.infra.demo;

import dev.recount.core.config.RecountConfig;
import dev.recount.event.Topics;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Puts bytes on a raw topic that no decoder understands, as a broken producer would. */
final class Undecodable {
  private Undecodable() {}

  static void send(RecountConfig config, String event) {
    Map<String, Object> properties =
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafkaBootstrap());
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] headerOnly = {(byte) 0xC3, 1, 0, 0, 0, 0, 0, 0, 0, 0};
      producer.send(new ProducerRecord<>(Topics.raw(event), headerOnly));
      producer.send(
          new ProducerRecord<>(
              Topics.raw(event), "plain text".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      producer.send(new ProducerRecord<>(Topics.raw(event), new byte[0]));
      producer.send(new ProducerRecord<>(Topics.raw(event), null));
    }
  }
}
