package dev.recount.batch.audit;

import dev.recount.core.view.SketchErrors;
import dev.recount.core.view.StoredColumn;

/** How far the estimate of a Theta sketch or a HyperLogLog may be from the exact number. */
final class SketchBound {
  private static final double STANDARD_ERROR = 1 / Math.sqrt(StoredColumn.THETA_NOMINAL_ENTRIES);

  private static final double HLL_STANDARD_ERROR =
      1.04 / Math.sqrt(1 << StoredColumn.HLL_LOG2_REGISTERS);

  private final double standardErrors;

  /**
   * @param estimates how many sketches with more values than entries are looked at
   */
  SketchBound(long estimates) {
    this.standardErrors = SketchErrors.allowed(estimates);
  }

  /** A sketch of no more values than entries holds them all, and is exact. */
  boolean holds(long exact, long estimate) {
    return isEstimate(exact)
        ? Math.abs(estimate - exact) <= standardErrors * STANDARD_ERROR * exact
        : estimate == exact;
  }

  /** A HyperLogLog is never exact; of few values it may miss one by chance. */
  boolean holdsHll(long exact, long estimate) {
    return Math.abs(estimate - exact) <= 1 + standardErrors * HLL_STANDARD_ERROR * exact;
  }

  static boolean isEstimate(long exact) {
    return exact > StoredColumn.THETA_NOMINAL_ENTRIES;
  }
}
