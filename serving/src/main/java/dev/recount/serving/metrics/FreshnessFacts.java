package dev.recount.serving.metrics;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.serving.gateway.Gateway;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How fresh views are served: what the catalog, Kafka and Pinot say together.
 *
 * @param seconds by view, of those of which it is known
 */
record FreshnessFacts(Map<String, Double> seconds) {
  static FreshnessFacts read(Catalog catalog, Gateway gateway) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (ViewVersion version : catalog.views().active()) {
      gateway
          .glance(version)
          .ifPresent(fresh -> seconds.put(version.viewName(), fresh.ageMs() / 1e3));
    }
    return new FreshnessFacts(seconds);
  }
}
