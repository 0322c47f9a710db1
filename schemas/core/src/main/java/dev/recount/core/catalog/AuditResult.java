package dev.recount.core.catalog;

import dev.recount.core.Json;
import java.util.List;

/**
 * What an audit of a view found. Times of arrivals are by the brokers' clocks; nulls if the audit
 * did not come so far.
 *
 * @param fromMs arrivals from this on were compared
 * @param untilMs arrivals before this were compared
 * @param served events in what is or was served, by the view's first count; null if it has none
 * @param recounted the same in the recount from raw
 * @param drift groups in which speed counted copies that batch left out; null if the view counts
 *     every event
 * @param leftOut a JSON array: what could not be compared, and why
 * @param errorCode of a failure
 * @param cause of a failure, or the first differences
 * @param ageMs how long ago it ended, by the catalog's clock; 0 of one that is just being written
 */
public record AuditResult(
    String auditId,
    String viewName,
    int version,
    String tableName,
    String kind,
    String status,
    long startedMs,
    long finishedMs,
    Long fromMs,
    Long untilMs,
    Long groupCount,
    Long differing,
    Long served,
    Long recounted,
    Long drift,
    String leftOut,
    String errorCode,
    String cause,
    long ageMs) {
  /** Of all that is served. */
  public static final String FULL = "FULL";

  /** Of what speed had served and a batch has absorbed since the last such audit. */
  public static final String ABSORBED = "ABSORBED";

  /** Every group is the same, and nothing was left out. */
  public static final String EQUAL = "EQUAL";

  /** Every group that was compared is the same; something was left out. */
  public static final String PARTIAL = "PARTIAL";

  /** Nothing was compared. */
  public static final String SKIPPED = "SKIPPED";

  /** Some group is not. */
  public static final String DIFFERS = "DIFFERS";

  /** The view could not be compared. */
  public static final String FAILED = "FAILED";

  public List<String> leftOutParts() {
    return List.of(Json.read(leftOut, String[].class));
  }
}
