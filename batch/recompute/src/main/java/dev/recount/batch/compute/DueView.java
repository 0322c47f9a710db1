package dev.recount.batch.compute;

import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.FullRunDue;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.view.ViewPlan;
import java.util.List;

/**
 * A view of a run, and what the run does for it.
 *
 * @param mode {@link RunRequest#FULL}, {@link RunRequest#INCREMENTAL} or {@link BatchRun#BACKFILL}
 * @param fromMs only what arrived at or after this is counted, milliseconds; 0 unless the run is
 *     incremental
 * @param layout a hash of what its rows depend on beside the events
 * @param before what is served of it now; null if nothing is
 * @param due why it must be full; null if nothing demands that
 */
public record DueView(
    ViewPlan plan, String mode, long fromMs, String layout, Publication before, FullRunDue due) {

  /** A view that is recomputed over all history. */
  public static DueView full(ViewPlan plan, String layout, Publication before, FullRunDue due) {
    return new DueView(plan, RunRequest.FULL, 0, layout, before, due);
  }

  /** A view of which only what arrived since its last cut is counted. */
  public static DueView incremental(ViewPlan plan, String layout, Publication before) {
    return new DueView(plan, RunRequest.INCREMENTAL, before.cutMs(), layout, before, null);
  }

  /** A view of which a range of its time is replaced. */
  public static DueView backfill(ViewPlan plan, String layout, Publication before) {
    return new DueView(plan, BatchRun.BACKFILL, 0, layout, before, null);
  }

  public boolean isIncremental() {
    return mode.equals(RunRequest.INCREMENTAL);
  }

  /** The parts of what is served now that may stay; none in a full run. */
  public List<BatchPart> parts() {
    return isIncremental() ? before.parts() : List.of();
  }
}
