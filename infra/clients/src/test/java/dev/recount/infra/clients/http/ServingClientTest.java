package dev.recount.infra.clients.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import dev.recount.core.access.SecretKey;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever listens on the port of serving is asked who it is before it gets the home's key. */
class ServingClientTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path home;
  private final SecretKey key = SecretKey.random();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private RecountConfig config;
  private String knownKey;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    int port = server.getAddress().getPort();
    config = RecountConfig.load(home, Optional.of(port), Map.of("RECOUNT_ACCESS_REQUIRED", "true"));
    assertThat(config.ports().serving()).isEqualTo(port);
    config.home().commandKey().write(key.text());
    server.createContext(
        "/",
        exchange -> {
          asked.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          String challenge = exchange.getRequestHeaders().getFirst("Recount-Challenge");
          if (challenge != null && knownKey != null) {
            exchange
                .getResponseHeaders()
                .add(
                    "Recount-Proof",
                    SecretKey.parse(knownKey).orElseThrow().proof(challenge, port));
          }
          byte[] body = {'{', '}'};
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void homesProcess_getsTheKey_afterOneProof() {
    knownKey = key.text();
    JsonService serving = ServingClient.of(config, PATIENCE);
    assertThat(serving.get("/v1/views").isOk()).isTrue();
    assertThat(serving.get("/v1/status").isOk()).isTrue();
    String bearer = " Bearer " + key.text();
    assertThat(asked)
        .containsExactly("/health/live null", "/v1/views" + bearer, "/v1/status" + bearer);
  }

  @Test
  void whateverElseListensThere_doesNotGetTheKey() {
    for (String known : new String[] {null, SecretKey.random().text()}) {
      knownKey = known;
      JsonService serving = ServingClient.of(config, PATIENCE);
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(() -> serving.get("/v1/views"))
          .withMessageContaining("does not know this home's key")
          .matches(e -> e.code() == ErrorCode.STACK_DOWN);
      assertThat(serving.isUp("/health/started")).isFalse();
    }
    assertThat(asked).hasSize(4).containsOnly("/health/live null");
  }
}
