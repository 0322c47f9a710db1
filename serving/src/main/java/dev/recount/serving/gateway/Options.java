package dev.recount.serving.gateway;

import dev.recount.serving.answer.Fill;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * How a question is to be answered.
 *
 * @param timeout how long it may take; null, or more than {@code serving.timeout}, for that
 * @param strict whether an answer that is not complete is refused
 * @param asOf only what arrived before it counts; null for all that is served
 * @param shares whether what adds up is also answered as the part of each layer
 * @param fill what stands for times of which there is nothing; null if they are left out
 * @param zone by whose clocks times are cut and read; null for UTC
 */
public record Options(
    Duration timeout, boolean strict, Instant asOf, boolean shares, Fill fill, ZoneId zone) {
  /** As answers are if nothing is said. */
  public static final Options NONE = new Options(null, false, null, false, null, null);

  /** The same, refusing an answer that is not complete. */
  public Options strictly() {
    return new Options(timeout, true, asOf, shares, fill, zone);
  }

  /** The same, of what arrived before a moment. */
  public Options asOf(Instant arrival) {
    return new Options(timeout, strict, arrival, shares, fill, zone);
  }

  /** The same, with the parts of each layer. */
  public Options withShares() {
    return new Options(timeout, strict, asOf, true, fill, zone);
  }

  /** The same, with something for each time. */
  public Options filled(Fill newFill) {
    return new Options(timeout, strict, asOf, shares, newFill, zone);
  }

  /** The same, by the clocks of a zone. */
  public Options in(ZoneId newZone) {
    return new Options(timeout, strict, asOf, shares, fill, newZone);
  }
}
