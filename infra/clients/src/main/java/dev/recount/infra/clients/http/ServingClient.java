package dev.recount.infra.clients.http;

import dev.recount.core.access.SecretKey;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * The serving process of a home, asked with the home's key if it asks for one. Whatever else
 * listens on its port does not get the key: the process first says what only who has the key can.
 */
public final class ServingClient {
  private static final String LIVE = "/health/live";

  private ServingClient() {}

  /**
   * @param patience how long an answer may take, to its end
   */
  public static JsonService of(RecountConfig config, Duration patience) {
    int port = config.ports().serving();
    JsonService service =
        new JsonService("the gateway", "http://localhost:" + port, patience, ErrorCode.STACK_DOWN);
    Optional<String> key = config.commandKey();
    return key.flatMap(SecretKey::parse)
        .map(secret -> service.with(new Proven(service, secret, port)::key))
        .orElse(service);
  }

  /** A key that is given out once the service has proved that it knows it. */
  private static final class Proven {
    private final JsonService service;
    private final SecretKey key;
    private final int port;
    private boolean isProved;

    Proven(JsonService service, SecretKey key, int port) {
      this.service = service;
      this.key = key;
      this.port = port;
    }

    /**
     * @throws RecountException STACK_DOWN if something else answers, or nothing does
     */
    synchronized Optional<String> key() {
      if (!isProved) {
        String challenge = UUID.randomUUID().toString();
        String proof =
            service.get(LIVE, "Recount-Challenge", challenge).headers().get("recount-proof");
        if (!key.proof(challenge, port).equals(proof)) {
          throw RecountException.of(
              ErrorCode.STACK_DOWN,
              "Cannot ask the gateway at port %s: what answers there does not know this home's key,"
                  + " so it is not sent; another program or another home may have the port (recount"
                  + " status, port-base)",
              port);
        }
        isProved = true;
      }
      return Optional.of(key.text());
    }
  }
}
