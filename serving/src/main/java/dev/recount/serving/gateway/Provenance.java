package dev.recount.serving.gateway;

import java.time.Instant;
import java.util.List;

/**
 * What an answer is made of.
 *
 * @param complete whether everything that the mode promises is in it; where not, the warnings say
 *     what is missing
 * @param truncated whether rows were cut off because the query had no LIMIT, or a larger one than
 *     the server allows
 * @param batch null where no batch run took part
 * @param speed null where the speed layer took no part
 * @param approximate columns that are estimates
 * @param distinct null where the view counts every event
 */
public record Provenance(
    String mode,
    String view,
    int version,
    boolean complete,
    boolean truncated,
    List<String> warnings,
    BatchPart batch,
    SpeedPart speed,
    List<Approximate> approximate,
    Distinct distinct) {

  /**
   * By what the view is distinct: the batch run counts each value once over all history.
   *
   * @param horizonMs how far back the speed layer knows values that have arrived; null where it
   *     took no part
   */
  public record Distinct(String field, Long horizonMs) {}

  /**
   * The batch run that took part.
   *
   * @param cut it covers what arrived before this
   * @param rows of the view that were read from it
   */
  public record BatchPart(String runId, Instant cut, long rows, int segments) {}

  /**
   * The speed layer's part.
   *
   * @param freshnessMs age of the newest moment up to which everything is in the answer; null where
   *     the speed layer has not reported yet
   * @param completeUntil that moment
   * @param textDelayMs words are surely found this long after Pinot has taken them in, which the
   *     freshness counts; null where no text is searched
   */
  public record SpeedPart(
      Long freshnessMs, Instant completeUntil, long rows, int segments, Long textDelayMs) {}

  /** A column whose values are estimates with this relative standard error. */
  public record Approximate(String column, double relativeStandardError) {}
}
