package dev.recount.serving.gateway;

import dev.recount.core.cut.Cut;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Consumption;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The rule of {@code as_of}: an answer of what arrived before a moment, which stays the same until
 * a batch run's cut passes the moment. Arrivals are told apart by the grain of cuts, so a moment
 * means the last boundary of that grain at or before it.
 */
final class AsOf {
  private AsOf() {}

  /**
   * The part of what is served that arrived before a moment.
   *
   * @param asOf null for all
   * @param served null if the speed layer takes no part
   * @throws RecountException AS_OF_TOO_EARLY, naming the earliest moment that can be asked for;
   *     AS_OF_TOO_LATE, naming the latest
   * @throws Unsettled if what arrived before it is not served yet
   */
  static Sources of(
      Sources sources, Instant asOf, Duration grain, Mode mode, Consumption.Served served)
      throws Unsettled {
    if (asOf == null) {
      return sources;
    }
    long until = Cut.bucket(asOf.toEpochMilli(), grain);
    long earliest = sources.earliestMs(mode);
    if (until < earliest) {
      throw tooEarly(asOf, earliest, mode);
    }
    if (served != null && until > Math.max(served.untilMs(), earliest)) {
      if (served.isKnown() && until > served.nowMs()) {
        throw tooLate(asOf, Cut.bucket(served.nowMs(), grain));
      }
      throw new Unsettled(
          "the speed layer has not counted yet all that arrived before "
              + Instant.ofEpochMilli(until));
    }
    return sources.before(until);
  }

  private static RecountException tooEarly(Instant asOf, long earliestMs, Mode mode) {
    Instant earliest = Instant.ofEpochMilli(earliestMs);
    return new RecountException(
        ErrorCode.AS_OF_TOO_EARLY,
        mode == Mode.DELTAS
            ? "Cannot answer as of %s: deltas of before %s are gone; ask as of that or later"
                .formatted(asOf, earliest)
            : "Cannot answer as of %s: a batch run covers what arrived before %s as a whole; ask as"
                    .formatted(asOf, earliest)
                + " of that or later, or compare runs (GET /v1/views/VIEW/runs)",
        Map.of("earliest", earliest),
        null);
  }

  private static RecountException tooLate(Instant asOf, long latestMs) {
    Instant latest = Instant.ofEpochMilli(latestMs);
    return new RecountException(
        ErrorCode.AS_OF_TOO_LATE,
        "Cannot answer as of %s: more will arrive before it; ask as of %s or earlier"
            .formatted(asOf, latest),
        Map.of("latest", latest),
        null);
  }
}
