package dev.recount.core.catalog;

import dev.recount.core.view.ViewPlan;
import java.util.List;

/**
 * A view version in a batch run.
 *
 * @param status {@link #DUE} until one of the others is known
 * @param rows that it published, without the sentinel; null before, as segments and their bytes
 * @param error why it was not published; null if it was, or may still be
 * @param warnings assertions that do not hold of it and do not block it
 */
public record RunView(
    String view,
    String table,
    String mode,
    String status,
    Long rows,
    Integer segments,
    Long bytes,
    String error,
    List<String> warnings) {
  public static final String DUE = "DUE";
  public static final String PUBLISHED = "PUBLISHED";
  public static final String FAILED = "FAILED";

  /** It is served further than this run could take it, or there was nothing to be changed. */
  public static final String LEFT_OUT = "LEFT_OUT";

  public RunView {
    warnings = warnings == null ? List.of() : List.copyOf(warnings);
  }

  public static RunView due(String view, String table, String mode) {
    return new RunView(view, table, mode, DUE, null, null, null, null, List.of());
  }

  /** As people read it: a version is named if it is not the first. */
  public String name() {
    return name(view, table);
  }

  /** The same of a view and one of its tables; null if that is not known. */
  public static String name(String view, String table) {
    return table == null || table.equals(ViewPlan.table(view, 1))
        ? view
        : view + "@" + table.substring(view.length() + 2);
  }

  /** The same in another mode. */
  public RunView as(String otherMode) {
    return new RunView(view, table, otherMode, status, rows, segments, bytes, error, warnings);
  }

  /** The same with what does not hold of it. */
  public RunView warned(List<String> found) {
    return new RunView(view, table, mode, status, rows, segments, bytes, error, found);
  }

  public RunView published(long rows, int segments, long bytes) {
    return new RunView(view, table, mode, PUBLISHED, rows, segments, bytes, null, warnings);
  }

  public RunView failed(String error) {
    return new RunView(view, table, mode, FAILED, null, null, null, error, warnings);
  }

  public RunView leftOut(String reason) {
    return new RunView(view, table, mode, LEFT_OUT, null, null, null, reason, warnings);
  }
}
