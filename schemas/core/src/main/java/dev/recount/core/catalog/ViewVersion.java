package dev.recount.core.catalog;

import dev.recount.core.Json;
import dev.recount.core.view.ViewPlan;

/**
 * A version of a view.
 *
 * @param ageMs how long ago it was applied, by the catalog's clock
 * @param speedFirstChunk the first micro-batch that computes it; null until one has begun
 * @param speedSinceMs speed holds every record with arrival at or after this, milliseconds; 0:
 *     since the log began; null: not yet known
 * @param speedFailure why the speed layer has set it aside, and not yet computes it again; null if
 *     it has not
 * @param speedFailedMs since when it is set aside; null if it is not
 */
public record ViewVersion(
    String viewName,
    int version,
    String event,
    String planJson,
    long ageMs,
    Long speedFirstChunk,
    Long speedSinceMs,
    String speedFailure,
    Long speedFailedMs) {

  public ViewPlan plan() {
    return Json.read(planJson, ViewPlan.class);
  }
}
