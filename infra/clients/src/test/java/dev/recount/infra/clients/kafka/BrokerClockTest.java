package dev.recount.infra.clients.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BrokerClockTest {
  private static final int ASKING = 300;

  /**
   * Who listens takes connections and answers nothing. One after the other, they would wait for
   * five minutes.
   */
  @Test
  @Timeout(250)
  void brokersThatDoNotAnswer_areWaitedForOnce_byAllWhoAsk()
      throws IOException, InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(ASKING);
    try (ServerSocket silent = new ServerSocket(0, ASKING, InetAddress.getLoopbackAddress());
        BrokerClock clock =
            new BrokerClock(
                new KafkaClients(
                    new RecountConfig.Kafka("127.0.0.1:" + silent.getLocalPort(), Map.of())),
                Duration.ofSeconds(1))) {
      Callable<Long> ask = clock::aboutNowMs;
      try {
        for (Future<Long> answer : threads.invokeAll(Collections.nCopies(ASKING, ask))) {
          assertThatExceptionOfType(ExecutionException.class)
              .isThrownBy(answer::get)
              .withMessageContaining("Cannot ask the brokers at 127.0.0.1:")
              .havingCause()
              .isInstanceOfSatisfying(
                  RecountException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.KAFKA_UNAVAILABLE));
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }
}
