package dev.recount.batch.audit;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.function.Function;

/**
 * A range of deltas that are still there when they have been compared. Pinot's own retention moves
 * on all the while, so that what it drops soon is left out from the beginning.
 *
 * @param ranges the range at this moment, without what Pinot drops within a time
 * @param margin such a time: that of a long comparison
 */
record SteadyRange(String view, Function<Duration, AbsorbedRange> ranges, Duration margin) {
  private static final int TRIES = 3;

  /**
   * Compares; again if deltas were dropped, or the view was set aside, meanwhile.
   *
   * @throws RecountException DEADLINE_EXCEEDED if that happens each time
   */
  <T> T compare(Function<AbsorbedRange, T> comparison) {
    for (int i = 0; i < TRIES; i++) {
      AbsorbedRange range = ranges.apply(margin);
      T compared = comparison.apply(range);
      if (range.isEmpty() || ranges.apply(Duration.ZERO).fromMs() <= range.fromMs()) {
        return compared;
      }
    }
    throw RecountException.of(
        ErrorCode.DEADLINE_EXCEEDED,
        "Cannot audit view '%s': its deltas were dropped %s times while they were compared; audit it"
            + " more often, or raise speed.retention",
        view,
        TRIES);
  }
}
