package dev.recount.infra.stack;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

/** Asks each process, by its own protocol, whether it does its work. */
final class Probes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration FRESH = Duration.ofSeconds(5);

  private final RecountConfig config;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private Catalog catalog;

  Probes(RecountConfig config) {
    this.config = config;
  }

  /** Whether the process with this id is ready. */
  boolean isReady(String name, long pid) {
    return switch (name) {
      case "catalog" -> catalog().isPresent();
      case "kafka" -> isKafkaReady();
      case "pinot" ->
          isOk(local(config.ports().pinotController(), "/health"))
              && isOk(local(config.ports().pinotBroker(), "/health"));
      case "pinot-server" -> isPinotServerReady();
      case "serving" -> isOk(local(config.ports().serving(), "/health/started"));
      default -> hasFreshBeat(name, pid);
    };
  }

  private static URI local(int port, String path) {
    return URI.create("http://localhost:" + port + path);
  }

  /** The catalog, where it answers; opened once. */
  synchronized Optional<Catalog> catalog() {
    boolean isLocal = config.catalog().url().isEmpty();
    if (isLocal && !isListening(config.ports().catalog())) {
      return Optional.empty();
    }
    if (catalog == null) {
      try {
        catalog = Catalog.open(config);
      } catch (RecountException e) {
        if (e.code() == ErrorCode.CATALOG_UNAVAILABLE) {
          return Optional.empty();
        }
        throw e;
      }
    }
    return Optional.of(catalog);
  }

  private boolean isKafkaReady() {
    if (!isListening(config.ports().kafka())) {
      return false;
    }
    Admin admin = KafkaClients.of(config).admin(PATIENCE);
    try {
      return !admin
          .describeCluster()
          .nodes()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
          .isEmpty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  private boolean isPinotServerReady() {
    String instance = "\"Server_localhost_" + config.ports().pinotServer() + "\"";
    URI alive = local(config.ports().pinotController(), "/zk/ls?path=/recount/LIVEINSTANCES");
    return isOk(local(config.ports().pinotServerAdmin(), "/health"))
        && get(alive).filter(r -> r.body().contains(instance)).isPresent();
  }

  private boolean hasFreshBeat(String name, long pid) {
    return heartbeats().stream()
        .anyMatch(
            beat ->
                beat.service().equals(name)
                    && beat.processId() == pid
                    && beat.ageMs() < FRESH.toMillis());
  }

  private List<Heartbeat> heartbeats() {
    try {
      return catalog().map(open -> open.services().heartbeats()).orElse(List.of());
    } catch (RecountException e) {
      return List.of();
    }
  }

  private boolean isOk(URI uri) {
    return get(uri).isPresent();
  }

  private Optional<HttpResponse<String>> get(URI uri) {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return Optional.of(response).filter(r -> r.statusCode() == 200);
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public synchronized void close() {
    if (catalog != null) {
      catalog.close();
      catalog = null;
    }
  }
}
