package dev.recount.core.catalog;

/**
 * A view version in a batch run.
 *
 * @param status {@link #DUE} until one of the others is known
 * @param rows that it published, without the sentinel; null before, as segments and their bytes
 * @param error why it was not published; null if it was, or may still be
 */
public record RunView(
    String view,
    String table,
    String mode,
    String status,
    Long rows,
    Integer segments,
    Long bytes,
    String error) {
  public static final String DUE = "DUE";
  public static final String PUBLISHED = "PUBLISHED";
  public static final String FAILED = "FAILED";

  /** It is served further than this run could take it. */
  public static final String LEFT_OUT = "LEFT_OUT";

  public static RunView due(String view, String table, String mode) {
    return new RunView(view, table, mode, DUE, null, null, null, null);
  }

  /** The same in another mode. */
  public RunView as(String otherMode) {
    return new RunView(view, table, otherMode, status, rows, segments, bytes, error);
  }

  public RunView published(long rows, int segments, long bytes) {
    return new RunView(view, table, mode, PUBLISHED, rows, segments, bytes, null);
  }

  public RunView failed(String error) {
    return new RunView(view, table, mode, FAILED, null, null, null, error);
  }

  public RunView leftOut(String reason) {
    return new RunView(view, table, mode, LEFT_OUT, null, null, null, reason);
  }
}
