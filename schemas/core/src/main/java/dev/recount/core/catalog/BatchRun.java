package dev.recount.core.catalog;

/** The states of a batch run. */
public final class BatchRun {
  /** The mode of a run that replaces a range of a view's time. */
  public static final String BACKFILL = "backfill";

  public static final String RUNNING = "RUNNING";
  public static final String SUCCEEDED = "SUCCEEDED";
  public static final String FAILED = "FAILED";

  /** Somebody asked for it to end early. */
  public static final String CANCELLED = "CANCELLED";

  /** It never began, because no scheduler ran, or had time, when it was due. */
  public static final String MISSED = "MISSED";

  private BatchRun() {}
}
