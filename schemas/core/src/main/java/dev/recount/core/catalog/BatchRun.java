package dev.recount.core.catalog;

/**
 * A recomputation.
 *
 * @param status {@link #RUNNING}, {@link #SUCCEEDED}, {@link #FAILED}, {@link #CANCELLED} or {@link
 *     #MISSED}
 * @param cutMs the cut; null until it is chosen
 * @param positions JSON: for each event, for each partition, the position where the archive ended
 */
public record BatchRun(
    String runId,
    String mode,
    String status,
    long processId,
    long startedMs,
    Long finishedMs,
    Long cutMs,
    Long eventsRead,
    String positions,
    String error) {
  public static final String RUNNING = "RUNNING";
  public static final String SUCCEEDED = "SUCCEEDED";
  public static final String FAILED = "FAILED";

  /** Somebody asked for it to end early. */
  public static final String CANCELLED = "CANCELLED";

  /** It never began, because no scheduler ran when it was due. */
  public static final String MISSED = "MISSED";
}
