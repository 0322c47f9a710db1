package dev.recount.batch.audit;

import dev.recount.core.catalog.AuditResult;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * The result of an audit of what speed had served.
 *
 * @param equal whether every view could be compared, and every group is the same but for copies
 * @param views those that could be compared
 * @param failures the others
 */
public record AbsorbedReport(boolean equal, List<View> views, List<AuditReport.Failure> failures) {
  /**
   * One view.
   *
   * @param from arrivals from this on, and before {@code until}, were compared
   * @param served events in what speed had served, by the view's first count; null if it has none
   * @param recounted the same in the recount from raw
   * @param differing groups that are not the same
   * @param drift groups in which speed counted copies that batch left out; null if the view counts
   *     every event
   * @param differences the first of the differing groups, spelled out
   * @param leftOut what could not be compared, and why
   */
  public record View(
      String view,
      Instant from,
      Instant until,
      long groups,
      Long served,
      Long recounted,
      long differing,
      Long drift,
      List<String> differences,
      List<String> leftOut) {
    private boolean isEmpty() {
      return !from.isBefore(until);
    }

    /** What the view was found to be: of {@link AuditResult}. */
    String status() {
      if (differing > 0) {
        return AuditResult.DIFFERS;
      }
      if (isEmpty()) {
        return AuditResult.SKIPPED;
      }
      return leftOut.isEmpty() ? AuditResult.EQUAL : AuditResult.PARTIAL;
    }
  }

  static AbsorbedReport of(List<View> views, List<AuditReport.Failure> failures) {
    boolean equal = failures.isEmpty() && views.stream().allMatch(v -> v.differing() == 0);
    return new AbsorbedReport(equal, views, failures);
  }

  /** The report as the user reads it. */
  public String text() {
    if (views.isEmpty() && failures.isEmpty()) {
      return "No audit is due.";
    }
    StringBuilder text =
        new StringBuilder("What speed had served and batch has absorbed since the last audit\n");
    String form = "%-20s %-24s %-24s %12s %14s %14s %10s %8s%n";
    text.append(
        line(
            form, "view", "from", "until", "groups", "speed", "recount raw", "differing", "drift"));
    for (View v : views) {
      boolean isEmpty = v.isEmpty();
      text.append(
          line(
              form,
              v.view(),
              isEmpty || v.from().equals(Instant.EPOCH) ? "-" : v.from(),
              isEmpty ? "-" : v.until(),
              number(v.groups()),
              number(v.served()),
              number(v.recounted()),
              number(v.differing()),
              number(v.drift())));
      v.differences().forEach(d -> text.append("  ").append(d).append('\n'));
      v.leftOut().forEach(l -> text.append("  not compared: ").append(l).append('\n'));
    }
    failures.forEach(f -> text.append(line("%-20s %s%n", f.view(), f.message())));
    return text.append(verdict()).toString();
  }

  private String verdict() {
    if (views.stream().anyMatch(v -> v.differing() > 0)) {
      return "What speed had served differs from a recount from raw; batch has put it right.";
    }
    if (!views.isEmpty() && views.stream().allMatch(View::isEmpty)) {
      return "Nothing was compared.";
    }
    return equal && views.stream().allMatch(v -> v.leftOut().isEmpty())
        ? "Every group that speed had served equals the recount from raw."
        : "Every group that could be compared equals the recount from raw.";
  }

  private static String number(Long value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%,d", value);
  }

  private static String line(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
