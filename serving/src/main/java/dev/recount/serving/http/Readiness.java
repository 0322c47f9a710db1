package dev.recount.serving.http;

import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.config.DiskSpace;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.error.RecountException;
import dev.recount.serving.gateway.Gateway;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Whether everything that a request may need answers. */
public final class Readiness implements AutoCloseable {
  private static final int PATIENCE_MS = 2_000;

  private final Catalog catalog;
  private final Gateway gateway;
  private final Admin kafka;
  private final DiskSpace disk;

  /** Asks the given catalog and gateway, and a Kafka client of its own. */
  public Readiness(RecountConfig config, Catalog catalog, Gateway gateway) {
    this.catalog = catalog;
    this.gateway = gateway;
    this.disk = new DiskSpace(config);
    this.kafka =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafkaBootstrap(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS));
  }

  /** Each part, and whether it answers now. */
  public Map<String, Boolean> parts() {
    Map<String, Boolean> parts = new LinkedHashMap<>();
    parts.put("catalog", isCatalogUp());
    parts.put("kafka", isKafkaUp());
    parts.put("pinot", gateway.isPinotUp());
    parts.put("disk", disk.refusal().isEmpty());
    return parts;
  }

  private boolean isCatalogUp() {
    try {
      catalog.events().names();
      return true;
    } catch (RecountException e) {
      return false;
    }
  }

  private boolean isKafkaUp() {
    try {
      return !kafka.describeCluster().nodes().get(PATIENCE_MS, TimeUnit.MILLISECONDS).isEmpty();
    } catch (ExecutionException | TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    kafka.close(Duration.ZERO);
  }
}
