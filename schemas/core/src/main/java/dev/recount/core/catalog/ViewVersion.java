package dev.recount.core.catalog;

import dev.recount.core.Json;
import dev.recount.core.view.ViewPlan;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A version of a view.
 *
 * @param state {@link #MAKING}, {@link #LIVE} or {@link #DROPPING}
 * @param appliedMs when it was applied, by the catalog's clock
 * @param ageMs how long ago that was
 * @param speedFirstChunk the first micro-batch that computes it; null until one has begun
 * @param speedSinceMs speed holds every record with arrival at or after this, milliseconds; 0:
 *     since the log began; null: not yet known
 * @param speedFailure why the speed layer has set it aside, and not yet computes it again; null if
 *     it has not
 * @param speedFailedMs since when it is set aside; null if it is not
 * @param speedGapMs speed has counted nothing that arrived at or after this and before {@code
 *     speedSinceMs}, because it lost its checkpoint; null where it began for another reason
 * @param promotableAfterMs how long after it was applied batch had first passed the start of its
 *     speed; null if it has not
 */
public record ViewVersion(
    String viewName,
    int version,
    String event,
    String planJson,
    String state,
    long appliedMs,
    long ageMs,
    Long speedFirstChunk,
    Long speedSinceMs,
    String speedFailure,
    Long speedFailedMs,
    Long speedGapMs,
    Long promotableAfterMs) {
  public static final String MAKING = "MAKING";
  public static final String LIVE = "LIVE";
  public static final String DROPPING = "DROPPING";

  /** Plans by their texts: each question needs one, and to read it takes as long as to parse it. */
  private static final Map<String, ViewPlan> PLANS = new ConcurrentHashMap<>();

  private static final int MOST_PLANS = 1_000;

  public ViewPlan plan() {
    ViewPlan known = PLANS.get(planJson);
    if (known != null) {
      return known;
    }
    ViewPlan plan = Json.read(planJson, ViewPlan.class);
    if (PLANS.size() >= MOST_PLANS) {
      PLANS.clear();
    }
    PLANS.put(planJson, plan);
    return plan;
  }

  /** The name by which it alone can be asked, whichever version readers see. */
  public String name() {
    return ViewPlan.versionName(viewName, version);
  }

  /** The physical table. */
  public String table() {
    return ViewPlan.table(viewName, version);
  }

  /**
   * Whether batch and speed together hold all that was ever archived.
   *
   * @param batch what batch serves of it; null for nothing
   */
  public boolean isWhole(Publication batch) {
    return speedSinceMs != null && speedSinceMs <= (batch == null ? 0 : batch.cutMs());
  }
}
