package dev.recount.serving.http;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.serving.gateway.Gateway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * Whether everything that a request may need answers, and the layers behind it continue. Anybody
 * may ask: it is looked at once a second however many do, and few wait for what does not answer.
 */
public final class Readiness implements AutoCloseable {
  private static final int PATIENCE_MS = 2_000;
  private static final Duration WAIT = Duration.ofSeconds(8);
  private static final State UNKNOWN = new State(Map.of("answered_in_time", false), List.of());

  /**
   * How ready it is.
   *
   * @param parts each part, and whether it answers now; of a layer, whether it continues
   * @param problems what the stalled layers say, and the views that are set aside
   */
  public record State(Map<String, Boolean> parts, List<String> problems) {
    /** Whether all parts are. */
    public boolean isUp() {
      return !parts.containsValue(false);
    }

    /** The same, but not ready if the process is ending. */
    State unless(boolean isEnding) {
      if (!isEnding) {
        return this;
      }
      Map<String, Boolean> without = new LinkedHashMap<>(parts);
      without.put("taking_requests", false);
      List<String> more = new ArrayList<>(problems);
      more.add("the process is ending");
      return new State(without, more);
    }
  }

  private final RecountConfig config;
  private final Catalog catalog;
  private final Gateway gateway;
  private final Admin kafka;
  private final DiskSpace disk;
  private final HealthLook<State> started =
      new HealthLook<>("started", this::lookStarted, UNKNOWN, WAIT);
  private final HealthLook<State> ready = new HealthLook<>("ready", this::lookReady, UNKNOWN, WAIT);
  private Future<?> catalogAsked;

  /** Asks the given catalog and gateway, and a Kafka client of its own. */
  public Readiness(RecountConfig config, Catalog catalog, Gateway gateway) {
    this.config = config;
    this.catalog = catalog;
    this.gateway = gateway;
    this.disk = new DiskSpace(config);
    this.kafka = KafkaClients.of(config).admin(Duration.ofMillis(PATIENCE_MS));
  }

  /** Whether what requests go to answers: enough for the process to have started. */
  public State started() {
    return started.now();
  }

  /** Whether it is right to send requests here: the layers too. */
  public State ready() {
    return ready.now();
  }

  private State lookStarted() {
    return new State(servers(), List.of());
  }

  private State lookReady() {
    Map<String, Boolean> parts = servers();
    List<Standstill> standing = parts.get("catalog") ? Standstill.all(catalog, config) : List.of();
    parts.putAll(layers(standing));
    List<String> problems = new ArrayList<>(standing.stream().map(Standstill::text).toList());
    Optional<RecountException> refusal = disk.refusal();
    parts.put("disk", refusal.isEmpty());
    refusal.ifPresent(e -> problems.add(e.getMessage()));
    return new State(parts, problems);
  }

  /** One view that is set aside does not stop its layer: requests to all others are answered. */
  static Map<String, Boolean> layers(List<Standstill> standing) {
    Map<String, Boolean> layers = new LinkedHashMap<>();
    for (String layer : List.of(Standstill.SPEED, Standstill.ARCHIVE)) {
      layers.put(
          layer, standing.stream().noneMatch(s -> s.layer().equals(layer) && s.view() == null));
    }
    return layers;
  }

  private Map<String, Boolean> servers() {
    Map<String, Boolean> parts = new LinkedHashMap<>();
    parts.put("catalog", isCatalogUp());
    parts.put("kafka", isKafkaUp());
    parts.put("pinot", gateway.isPinotUp());
    return parts;
  }

  /** A catalog that hangs answers much later: whoever asks meanwhile waits for the same answer. */
  private boolean isCatalogUp() {
    try {
      askCatalog().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized Future<?> askCatalog() {
    if (catalogAsked == null || catalogAsked.isDone()) {
      FutureTask<?> ask = new FutureTask<>(() -> catalog.events().names());
      Thread thread = new Thread(ask, "catalog-readiness");
      thread.setDaemon(true);
      thread.start();
      catalogAsked = ask;
    }
    return catalogAsked;
  }

  private boolean isKafkaUp() {
    try {
      return !KafkaAnswer.await(kafka.describeCluster().nodes(), Duration.ofMillis(PATIENCE_MS))
          .isEmpty();
    } catch (KafkaException e) {
      return false;
    }
  }

  @Override
  public void close() {
    kafka.close(Duration.ZERO);
  }
}
