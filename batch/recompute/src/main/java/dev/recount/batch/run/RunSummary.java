package dev.recount.batch.run;

import dev.recount.core.catalog.RunView;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run did.
 *
 * @param seconds for each step, in order
 */
public record RunSummary(
    String runId,
    Instant cut,
    long events,
    List<ViewPart> views,
    Map<String, Double> seconds,
    double totalSeconds) {

  /**
   * What the run made of one view.
   *
   * @param from it counts what arrived at or after this: what is older had left the archive
   *     (retention); null if nothing had
   * @param rows that are served, those of older runs included
   * @param segments that they are in
   * @param bytes of the segments that this run built
   */
  public record ViewPart(
      String view, String table, String mode, Instant from, long rows, int segments, long bytes) {}

  /** Events over the time of the computation alone, without waiting and publishing. */
  public double eventsPerSecond() {
    double compute = seconds.getOrDefault("compute", 0.0);
    return compute == 0 ? 0 : events / compute;
  }

  /** The summary as the user reads it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    line(text, "run      %s", runId);
    line(text, "cut      %s (everything that arrived before)", cut);
    line(text, "events   %,d", events);
    for (ViewPart view : views) {
      line(
          text,
          "view     %-20s %-11s %,12d rows  %3d segments  %,d bytes",
          RunView.name(view.view(), view.table()),
          view.mode(),
          view.rows(),
          view.segments(),
          view.bytes());
      if (view.from() != null) {
        line(text, "         counts what arrived from %s on (archive.retention)", view.from());
      }
    }
    seconds.forEach((step, s) -> line(text, "%-8s %.1f s", step, s));
    line(text, "total    %.1f s, computed %,.0f events/s", totalSeconds, eventsPerSecond());
    return text.toString().stripTrailing();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
