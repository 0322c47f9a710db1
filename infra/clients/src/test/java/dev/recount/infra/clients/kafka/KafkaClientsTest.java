package dev.recount.infra.clients.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class KafkaClientsTest {
  /** What the first message of a TLS connection begins with. */
  private static final int HANDSHAKE = 0x16;

  private static KafkaClients clients(String bootstrap, Map<String, String> settings) {
    return new KafkaClients(new RecountConfig.Kafka(bootstrap, settings));
  }

  private static KafkaClients encrypted(ServerSocket server) {
    return clients("127.0.0.1:" + server.getLocalPort(), Map.of("security.protocol", "SSL"));
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  private static void assertEncrypted(ServerSocket server) throws IOException {
    try (Socket socket = server.accept()) {
      assertThat(socket.getInputStream().read()).isEqualTo(HANDSHAKE);
    }
  }

  @Test
  void admin_connectsAsTheSettingsSay() throws IOException {
    try (ServerSocket server = listen()) {
      Admin admin = encrypted(server).admin(Duration.ofSeconds(1));
      try {
        admin.describeCluster();
        assertEncrypted(server);
      } finally {
        admin.close(Duration.ZERO);
      }
    }
  }

  @Test
  void producer_connectsAsTheSettingsSay() throws IOException {
    try (ServerSocket server = listen()) {
      Map<String, Object> settings = Map.of(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10);
      KafkaProducer<byte[], byte[]> producer = encrypted(server).producer(settings);
      try {
        producer.send(new ProducerRecord<>("topic", new byte[0]));
        assertEncrypted(server);
      } finally {
        producer.close(Duration.ZERO);
      }
    }
  }

  @Test
  void consumer_connectsAsTheSettingsSay() throws Exception {
    try (ServerSocket server = listen();
        KafkaConsumer<byte[], byte[]> consumer = encrypted(server).consumer(Map.of())) {
      CompletableFuture<?> asking =
          CompletableFuture.runAsync(
              () -> consumer.partitionsFor("topic", Duration.ofMinutes(1)),
              task -> new Thread(task, "consumer").start());
      assertEncrypted(server);
      consumer.wakeup();
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(asking::get)
          .withCauseInstanceOf(WakeupException.class);
    }
  }

  @Test
  void spark_isToldTheSame() {
    assertThat(clients("k:1", Map.of("security.protocol", "SSL")).sparkOptions())
        .isEqualTo(Map.of("kafka.bootstrap.servers", "k:1", "kafka.security.protocol", "SSL"));
  }

  @Test
  void valueThatKafkaDoesNotTake_isNamed() {
    KafkaClients wrong = clients("k:1", Map.of("security.protocol", "SLS"));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> wrong.consumer(Map.of()))
        .withMessageContaining("Cannot make a client of Kafka at 'k:1'")
        .withMessageContaining("SLS")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_UNAVAILABLE));
  }
}
