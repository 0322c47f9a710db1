package dev.recount.batch.audit;

import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * The result of an audit of views.
 *
 * @param before only what arrived before this was compared
 * @param equal whether every view could be compared, and every group is the same
 * @param views those that could be compared
 * @param failures the others
 */
public record AuditReport(Instant before, boolean equal, List<View> views, List<Failure> failures) {
  /**
   * One view.
   *
   * @param batch events that batch contributes to the merged answer, by the view's first count
   * @param speed events that speed contributes
   * @param merged events in the merged answer
   * @param raw events in the recount from raw
   * @param differing groups that are not the same
   * @param differences the first of them, spelled out
   */
  public record View(
      String view,
      long groups,
      long batch,
      long speed,
      long merged,
      long raw,
      long differing,
      List<String> differences) {}

  /** A view that could not be compared, and why. */
  public record Failure(String view, String code, String message) {}

  static AuditReport of(Instant before, List<View> views, List<Failure> failures) {
    boolean equal = failures.isEmpty() && views.stream().allMatch(v -> v.differing() == 0);
    return new AuditReport(before, equal, views, failures);
  }

  /** The report as the user reads it. */
  public String text() {
    String head = "%-20s %12s %14s %14s %14s %14s %10s%n";
    String row = "%-20s %,12d %,14d %,14d %,14d %,14d %,10d%n";
    StringBuilder text = new StringBuilder();
    text.append("Everything that arrived before ").append(before).append('\n');
    text.append(
        String.format(
            Locale.ROOT,
            head,
            "view",
            "groups",
            "batch",
            "speed",
            "merged",
            "recount raw",
            "differing"));
    for (View v : views) {
      text.append(
          String.format(
              Locale.ROOT,
              row,
              v.view(),
              v.groups(),
              v.batch(),
              v.speed(),
              v.merged(),
              v.raw(),
              v.differing()));
      v.differences().forEach(d -> text.append("  ").append(d).append('\n'));
    }
    failures.forEach(f -> text.append(String.format("%-20s %s%n", f.view(), f.message())));
    return text.append(verdict()).toString();
  }

  private String verdict() {
    if (equal) {
      return "Every group of every view equals the recount from raw.";
    }
    return views.stream().allMatch(v -> v.differing() == 0)
        ? "Every group that could be compared equals the recount from raw."
        : "What is served differs from a recount from raw.";
  }
}
