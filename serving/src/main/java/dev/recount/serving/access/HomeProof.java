package dev.recount.serving.access;

import dev.recount.core.access.SecretKey;
import dev.recount.core.config.RecountConfig;
import io.javalin.http.Context;

/**
 * Proves to a command of the home that this is the home's serving process, before it sends the
 * home's key: whatever else listens on the port cannot say so, and does not get the key.
 */
final class HomeProof {
  /** Where a command asks. */
  static final String PATH = "/health/live";

  private static final String CHALLENGE = "Recount-Challenge";
  private static final String PROOF = "Recount-Proof";
  private static final int LONGEST = 100;

  private final RecountConfig config;

  HomeProof(RecountConfig config) {
    this.config = config;
  }

  void prove(Context context) {
    String challenge = context.header(CHALLENGE);
    if (challenge == null || challenge.length() > LONGEST) {
      return;
    }
    config
        .commandKey()
        .flatMap(SecretKey::parse)
        .ifPresent(
            key -> context.header(PROOF, key.proof(challenge, context.req().getLocalPort())));
  }
}
