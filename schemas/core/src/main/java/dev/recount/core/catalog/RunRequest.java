package dev.recount.core.catalog;

/**
 * A view is due.
 *
 * @param mode {@link #FULL} or {@link #INCREMENTAL}
 * @param origin who asked for it: {@link #SCHEDULE}, {@link #MISSED}, {@link #HAND} or {@link
 *     #RETRY}
 * @param attempt how many runs have failed it
 * @param notBeforeMs from when on it is due, by the catalog's clock
 * @param runId the run that has taken it; null as long as none has
 */
public record RunRequest(
    String requestId,
    String viewName,
    String mode,
    String origin,
    int attempt,
    long notBeforeMs,
    String runId) {
  public static final String FULL = "full";
  public static final String INCREMENTAL = "incremental";

  public static final String SCHEDULE = "schedule";
  public static final String MISSED = "missed";
  public static final String HAND = "hand";
  public static final String RETRY = "retry";
}
