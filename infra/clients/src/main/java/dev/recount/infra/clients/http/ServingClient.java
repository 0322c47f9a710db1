package dev.recount.infra.clients.http;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import java.time.Duration;

/** The serving process of a home, asked with the home's key if it asks for one. */
public final class ServingClient {
  private ServingClient() {}

  /**
   * @param patience how long an answer may take, to its end
   */
  public static JsonService of(RecountConfig config, Duration patience) {
    return new JsonService(
            "the gateway",
            "http://localhost:" + config.ports().serving(),
            patience,
            ErrorCode.STACK_DOWN)
        .with(config.commandKey());
  }
}
