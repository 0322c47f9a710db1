package dev.recount.serving.gateway;

import java.time.Duration;
import java.time.Instant;

/**
 * How a question is to be answered.
 *
 * @param timeout how long it may take; null, or more than {@code serving.timeout}, for that
 * @param strict whether an answer that is not complete is refused
 * @param asOf only what arrived before it counts; null for all that is served
 * @param shares whether what adds up is also answered as the part of each layer
 */
public record Options(Duration timeout, boolean strict, Instant asOf, boolean shares) {
  /** As answers are if nothing is said. */
  public static final Options NONE = new Options(null, false, null, false);

  /** The same, refusing an answer that is not complete. */
  public Options strictly() {
    return new Options(timeout, true, asOf, shares);
  }

  /** The same, of what arrived before a moment. */
  public Options asOf(Instant arrival) {
    return new Options(timeout, strict, arrival, shares);
  }

  /** The same, with the parts of each layer. */
  public Options withShares() {
    return new Options(timeout, strict, asOf, true);
  }
}
