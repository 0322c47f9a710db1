package dev.recount.batch.clean;

import java.util.List;
import java.util.Locale;

/**
 * What the janitor removed, or would remove.
 *
 * @param isDryRun whether nothing was changed
 * @param removed nothing if there was nothing to do
 * @param left what could not be looked at or removed now, in sentences
 */
public record CleanReport(boolean isDryRun, List<Removed> removed, List<String> left) {

  /**
   * Things of one kind.
   *
   * @param kind {@code version}, {@code segments}, {@code swap}, {@code folder}, {@code work},
   *     {@code log} or {@code history}
   * @param run whose they were; null if that is not known
   * @param where a version, a table of Pinot, or a path
   */
  public record Removed(String kind, String run, String where, int count, String reason) {}

  /** The report as the user reads it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Removed r : removed) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-9s %-20s %3d  %s (%s)%n",
              r.kind(),
              r.run() == null ? "-" : r.run(),
              r.count(),
              r.where(),
              r.reason()));
    }
    left.forEach(sentence -> text.append(sentence).append(System.lineSeparator()));
    int count = removed.stream().mapToInt(Removed::count).sum();
    text.append(isDryRun ? "Would remove " : "Removed ");
    return text.append(count == 0 ? "nothing" : count + (count == 1 ? " thing" : " things"))
        .append('.')
        .toString();
  }
}
