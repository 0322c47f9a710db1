package dev.recount.batch.audit;

import dev.recount.core.catalog.DeltaProgress;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cut.Cut;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The arrival buckets of a view that a batch has absorbed since the last audit and whose deltas
 * Pinot still holds whole.
 *
 * @param fromMs the first bucket
 * @param untilMs where they end; the same as {@code fromMs} if there are none
 * @param leftOut what was absorbed and cannot be compared, and why
 */
record AbsorbedRange(long fromMs, long untilMs, List<String> leftOut) {

  /** What is known of both layers. */
  record Known(long cutMs, long speedUntilMs, long retainedFromMs, Duration grain) {}

  /**
   * @param progress how far the deltas were audited and dropped
   * @param view as the speed layer has it
   */
  static AbsorbedRange of(Known known, DeltaProgress progress, ViewVersion view) {
    List<String> leftOut = new ArrayList<>();
    long from = progress.auditedUntilMs();
    long passed = Cut.bucket(known.speedUntilMs(), known.grain());
    long until = Math.max(from, Math.min(known.cutMs(), passed));
    if (view.speedSinceMs() == null) {
      return notHeld(known, from, view);
    }
    long since = whole(view.speedSinceMs(), known.grain());
    long held = Math.max(since, Math.max(progress.droppedUntilMs(), known.retainedFromMs()));
    if (held > from && until > from) {
      leftOut.add(
          "arrivals"
              + (from == 0 ? "" : " from " + Instant.ofEpochMilli(from))
              + " before "
              + Instant.ofEpochMilli(Math.min(held, until))
              + ": "
              + (held == since
                  ? "the speed layer did not have the view whole"
                  : "their deltas are no longer kept"));
      from = Math.min(held, until);
    }
    if (until < known.cutMs()) {
      leftOut.add(
          "arrivals from "
              + Instant.ofEpochMilli(until)
              + ": the speed layer has not passed them yet; the next audit compares them");
    }
    return new AbsorbedRange(from, until, List.copyOf(leftOut));
  }

  /** A view that speed does not hold: what was absorbed meanwhile is never compared. */
  private static AbsorbedRange notHeld(Known known, long from, ViewVersion view) {
    if (view.speedFailure() == null) {
      return new AbsorbedRange(
          from, from, List.of("the speed layer has not computed this view yet"));
    }
    long end = Math.max(from, known.cutMs());
    return new AbsorbedRange(
        end,
        end,
        List.of(
            "arrivals"
                + (from == 0 ? "" : " from " + Instant.ofEpochMilli(from))
                + " before "
                + Instant.ofEpochMilli(end)
                + ": the speed layer has set this view aside ("
                + view.speedFailure()
                + ")"));
  }

  /** The first bucket that lies after a moment whole. */
  private static long whole(long sinceMs, Duration grain) {
    long bucket = Cut.bucket(sinceMs, grain);
    return bucket == sinceMs ? sinceMs : Cut.closeOfBucket(sinceMs, grain);
  }

  boolean isEmpty() {
    return fromMs >= untilMs;
  }
}
