package dev.recount.batch.compute;

import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.FullRunDue;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.view.ViewPlan;
import java.util.List;

/**
 * A view of a run, and what the run does for it.
 *
 * @param fromMs only what arrived at or after this is counted, milliseconds; 0 in a full run
 * @param layout a hash of what its rows depend on beside the events
 * @param before what is served of it now; null if nothing is
 * @param due why it must be full; null if nothing demands that
 */
public record DueView(
    ViewPlan plan, long fromMs, String layout, Publication before, FullRunDue due) {

  /** A view that is recomputed over all history. */
  public static DueView full(ViewPlan plan, String layout, Publication before, FullRunDue due) {
    return new DueView(plan, 0, layout, before, due);
  }

  /** A view of which only what arrived since its last cut is counted. */
  public static DueView incremental(ViewPlan plan, String layout, Publication before) {
    return new DueView(plan, before.cutMs(), layout, before, null);
  }

  public boolean isIncremental() {
    return fromMs > 0;
  }

  public String mode() {
    return isIncremental() ? RunRequest.INCREMENTAL : RunRequest.FULL;
  }

  /** The parts of what is served now that may stay; none in a full run. */
  public List<BatchPart> parts() {
    return isIncremental() ? before.parts() : List.of();
  }
}
