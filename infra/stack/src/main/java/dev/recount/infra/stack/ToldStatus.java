package dev.recount.infra.stack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.StatusReport;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.http.JsonService;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What the serving process says of the others. Asking it takes less time than the clients of the
 * catalog and of Kafka take to be loaded.
 *
 * @param parts whether {@code catalog} and {@code kafka} answer
 */
record ToldStatus(JsonNode parts, StatusReport layers) {
  /** Empty if it does not answer, or may not. */
  static Optional<ToldStatus> ask(JsonService serving) {
    try {
      JsonNode parts = Json.read(serving.get("/health/started").text(), JsonNode.class);
      JsonService.Answer status = serving.get("/v1/status");
      return status.isOk() && parts.path("parts").isObject()
          ? Optional.of(
              new ToldStatus(parts.path("parts"), Json.read(status.text(), StatusReport.class)))
          : Optional.empty();
    } catch (RecountException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  boolean isUp(String part) {
    return parts.path(part).asBoolean();
  }
}
