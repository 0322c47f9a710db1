package dev.recount.batch.run;

import dev.recount.core.catalog.Publication;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * What a roll-back did, or would do.
 *
 * @param run whose answers are served again
 * @param rollback the roll-back itself; null if nothing was changed
 * @param serving whether the answers were served before already
 * @param cut what arrived from here on is served by the speed layer
 * @param rows of the answers
 * @param keptSegments of those that were served before, and stay
 * @param builtRows whose segments are built again from the lake
 * @param builtBytes that these rows take there
 * @param warnings assertions that did not hold when the run published them
 * @param seconds that it took
 */
public record RollbackReport(
    String view,
    int version,
    String run,
    String rollback,
    boolean serving,
    Instant published,
    Instant cut,
    long rows,
    int keptSegments,
    long builtRows,
    long builtBytes,
    List<String> warnings,
    double seconds) {

  /** What would be done. */
  static RollbackReport of(
      Publication target, RollbackParts parts, List<String> warnings, boolean isServing) {
    return of(target, parts, warnings, isServing, null, 0);
  }

  /** What was done. */
  static RollbackReport of(
      Publication target, RollbackParts parts, List<String> warnings, RunSummary summary) {
    return of(target, parts, warnings, false, summary.runId(), summary.totalSeconds());
  }

  private static RollbackReport of(
      Publication target,
      RollbackParts parts,
      List<String> warnings,
      boolean isServing,
      String rollback,
      double seconds) {
    return new RollbackReport(
        target.viewName(),
        target.version(),
        target.runId(),
        rollback,
        isServing,
        target.publishedMs() == null ? null : Instant.ofEpochMilli(target.publishedMs()),
        Instant.ofEpochMilli(target.cutMs()),
        target.rowCount(),
        parts.keptSegments(),
        parts.builtRows(),
        parts.builtBytes(),
        warnings,
        seconds);
  }

  /** The report as the user reads it. */
  public String text() {
    if (serving) {
      return "View '%s' is served as run %s published it already; nothing was changed."
          .formatted(view, run);
    }
    StringBuilder text = new StringBuilder();
    line(text, "view      %s", view);
    line(text, "run       %s, published %s", run, published);
    line(text, "cut       %s (what arrived since then is served by the speed layer)", cut);
    line(text, "answers   %,d rows", rows);
    line(
        text,
        "segments  %,d are served still; those of %,d rows (%,d bytes on the lake) are built again",
        keptSegments,
        builtRows,
        builtBytes);
    warnings.forEach(warning -> line(text, "warning   %s", warning));
    line(text, "schedule  paused until 'recount schedule resume %s'", view);
    if (rollback == null) {
      line(text, "This was a dry run: nothing was changed.");
    } else {
      line(text, "rollback  %s, took %.1f s", rollback, seconds);
    }
    return text.toString().stripTrailing();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
