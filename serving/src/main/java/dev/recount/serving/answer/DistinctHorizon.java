package dev.recount.serving.answer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.ServiceCatalog;
import java.time.Duration;

/** How far back the speed layer knows the ids of an event. */
final class DistinctHorizon {
  private final ServiceCatalog services;
  private final Duration setting;

  DistinctHorizon(ServiceCatalog services, Duration setting) {
    this.services = services;
    this.setting = setting;
  }

  /** What the speed layer last said is in force; the setting, if it has not reported. */
  long inForceMs(String event, String field) {
    return services.heartbeats().stream()
        .filter(beat -> beat.service().equals("speed"))
        .map(Heartbeat::detailJson)
        .map(json -> Json.read(json, JsonNode.class))
        .map(
            speed ->
                speed
                    .path("events")
                    .path(event)
                    .path("distinct")
                    .path(field)
                    .path("horizon_ms")
                    .asLong(setting.toMillis()))
        .findFirst()
        .orElse(setting.toMillis());
  }
}
