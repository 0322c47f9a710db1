package dev.recount.serving.answer;

import java.time.Instant;
import java.util.List;

/**
 * What an answer is made of.
 *
 * @param asOf only what arrived before this is in the answer; null if nothing was left out
 * @param complete whether everything that the mode promises is in it; if not, the warnings say what
 *     is missing
 * @param truncated whether rows were cut off because the query had no LIMIT, or a larger one than
 *     the server allows
 * @param batch null if no batch run took part
 * @param speed null if the speed layer took no part
 * @param approximate columns that are estimates
 * @param distinct null if the view counts every event
 * @param state null if the view joins no state
 * @param deadLettersSinceCut how many records of the view's event were rejected since the cut; null
 *     without a cut, or if that is not known
 */
public record Provenance(
    String mode,
    String view,
    int version,
    Instant asOf,
    boolean complete,
    boolean truncated,
    List<String> warnings,
    BatchPart batch,
    SpeedPart speed,
    List<Approximate> approximate,
    Distinct distinct,
    StatePart state,
    Long deadLettersSinceCut) {
  /** The same with one warning in the place of all, and of which columns are estimates. */
  public Provenance shortened(String warning) {
    return new Provenance(
        mode,
        view,
        version,
        asOf,
        complete,
        truncated,
        List.of(warning),
        batch,
        speed,
        List.of(),
        distinct,
        state,
        deadLettersSinceCut);
  }

  /**
   * The same at a later moment, until which nothing newer has been served.
   *
   * @param freshnessMs of the speed layer's part, which must be there
   */
  public Provenance aged(long freshnessMs) {
    SpeedPart older =
        new SpeedPart(
            freshnessMs,
            speed.completeUntil(),
            speed.rows(),
            speed.lateEvents(),
            speed.segments(),
            speed.textDelayMs());
    return new Provenance(
        mode,
        view,
        version,
        asOf,
        complete,
        truncated,
        warnings,
        batch,
        older,
        approximate,
        distinct,
        state,
        deadLettersSinceCut);
  }

  /**
   * By what the view is distinct: the batch run counts each value once over all history.
   *
   * @param horizonMs how far back the speed layer knows values that have arrived; null if it took
   *     no part
   */
  public record Distinct(String field, Long horizonMs) {}

  /**
   * The batch run that took part.
   *
   * @param from it covers what arrived at or after this: what is older had left the archive
   *     (retention); null if nothing had
   * @param cut it covers what arrived before this
   * @param finished when it was published, by the clock of the host that ran it; null if that was
   *     not noted
   * @param rows of the view that were read from it
   * @param rolledBackTo if the run is a roll-back, the one whose answers it serves again; else null
   */
  public record BatchPart(
      String runId,
      Instant from,
      Instant cut,
      Instant finished,
      long rows,
      int segments,
      String rolledBackTo) {}

  /**
   * The speed layer's part.
   *
   * @param freshnessMs age of the newest moment up to which everything is in the answer; null if
   *     the speed layer has not reported yet
   * @param completeUntil that moment
   * @param lateEvents how many of the events counted arrived at or after the cut, although their
   *     group of the view's time had ended before it; null if that cannot be said
   * @param textDelayMs words are surely found this long after Pinot has taken them in, which the
   *     freshness counts; null if no text is searched
   */
  public record SpeedPart(
      Long freshnessMs,
      Instant completeUntil,
      long rows,
      Long lateEvents,
      int segments,
      Long textDelayMs) {}

  /**
   * The state that each event was joined with: what each key's latest record was when the event
   * arrived. What the answer says of its completeness holds for it too.
   *
   * @param event whose records they are
   * @param key what the states are of
   * @param from a batch run knows states by the records that arrived at or after this: what is
   *     older has left the archive (retention); null if nothing has
   */
  public record StatePart(String event, List<String> key, Instant from) {}

  /**
   * A column whose values are estimates.
   *
   * @param relativeStandardError null if none can be said, as of a percentile
   */
  public record Approximate(String column, Double relativeStandardError) {}
}
