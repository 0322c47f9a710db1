package dev.recount.infra.stack;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.StatusReport;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.http.JsonService;
import dev.recount.infra.clients.http.ServingClient;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** Asks each process, by its own protocol, whether it does its work. */
final class Probes implements AutoCloseable {
  /** A loaded machine takes its time; a process that is stopped never answers. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Duration FRESH = Duration.ofSeconds(5);

  private final RecountConfig config;
  private final Duration patience;
  private CompletableFuture<Catalog> opening;
  private Optional<ToldStatus> told = Optional.empty();

  Probes(RecountConfig config) {
    this(config, PATIENCE);
  }

  /**
   * @param patience how long an answer may take
   */
  Probes(RecountConfig config, Duration patience) {
    this.config = config;
    this.patience = patience;
  }

  /** The same for one look: what the serving process says, if it answers, is not asked again. */
  Optional<ToldStatus> listen() {
    told = isListening(config.ports().serving()) ? ToldStatus.ask(serving()) : Optional.empty();
    return told;
  }

  /** Whether the process with this id is ready. */
  boolean isReady(String name, long pid) {
    return switch (name) {
      case "catalog" -> isTold(name) || catalog().isPresent();
      case "kafka" -> isTold(name) || isKafkaReady();
      case "pinot" ->
          service(config.ports().pinotController()).isUp("/health")
              && service(config.ports().pinotBroker()).isUp("/health");
      case "pinot-server" -> isPinotServerReady();
      case "serving" -> serving().isUp("/health/started");
      default -> hasFreshBeat(name, pid);
    };
  }

  private boolean isTold(String part) {
    return told.filter(t -> t.isUp(part)).isPresent();
  }

  private JsonService serving() {
    return ServingClient.of(config, patience);
  }

  private JsonService service(int port) {
    String url = "http://localhost:" + port;
    return new JsonService("the process", url, patience, ErrorCode.STACK_DOWN);
  }

  /** The catalog, if it answers; opened once. */
  Optional<Catalog> catalog() {
    boolean isLocal = config.catalog().url().isEmpty();
    if (isLocal && !isListening(config.ports().catalog())) {
      return Optional.empty();
    }
    CompletableFuture<Catalog> asked = opening();
    try {
      return Optional.of(asked.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (TimeoutException e) {
      // A process that was stopped takes connections and answers nothing.
      return Optional.empty();
    } catch (ExecutionException e) {
      openAgain(asked);
      if (e.getCause() instanceof RecountException known
          && known.code() != ErrorCode.CATALOG_UNAVAILABLE) {
        throw known;
      }
      return Optional.empty();
    }
  }

  private synchronized CompletableFuture<Catalog> opening() {
    if (opening == null) {
      opening = new CompletableFuture<>();
      CompletableFuture<Catalog> opened = opening;
      Thread thread = new Thread(() -> open(opened), "catalog-open");
      thread.setDaemon(true);
      thread.start();
    }
    return opening;
  }

  private void open(CompletableFuture<Catalog> opened) {
    try {
      opened.complete(Catalog.open(config));
    } catch (Throwable e) {
      opened.completeExceptionally(e);
    }
  }

  private synchronized void openAgain(CompletableFuture<Catalog> failed) {
    if (opening == failed) {
      opening = null;
    }
  }

  private boolean isKafkaReady() {
    if (!isListening(config.ports().kafka())) {
      return false;
    }
    Admin admin = KafkaClients.of(config).admin(patience);
    try {
      return !KafkaAnswer.await(admin.describeCluster().nodes(), patience).isEmpty();
    } catch (KafkaException e) {
      return false;
    } finally {
      admin.close(Duration.ZERO);
    }
  }

  private boolean isPinotServerReady() {
    String instance = "\"Server_localhost_" + config.ports().pinotServer() + "\"";
    return service(config.ports().pinotServerAdmin()).isUp("/health") && hasListed(instance);
  }

  /** A process of which another host has one too, which does its work, is ready as a standby. */
  private boolean hasFreshBeat(String name, long pid) {
    return services().stream()
        .anyMatch(
            beat ->
                (beat.service().equals(name) || beat.service().equals(name + "-standby"))
                    && beat.processId() == pid
                    && beat.beatAgeMs() < FRESH.toMillis());
  }

  private List<StatusReport.Service> services() {
    if (told.isPresent()) {
      return told.get().layers().services();
    }
    try {
      return catalog().map(StatusReport::servicesIn).orElse(List.of());
    } catch (RecountException e) {
      return List.of();
    }
  }

  /** Whether Pinot's controller knows a server to be alive. */
  private boolean hasListed(String instance) {
    try {
      return service(config.ports().pinotController())
          .get("/zk/ls?path=/recount/LIVEINSTANCES")
          .text()
          .contains(instance);
    } catch (RecountException e) {
      return false;
    }
  }

  static boolean isListening(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Does not wait for a catalog that does not answer. */
  @Override
  public synchronized void close() {
    if (opening != null) {
      opening.thenAccept(Catalog::close);
      opening = null;
    }
  }
}
