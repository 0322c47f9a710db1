package dev.recount.apply;

import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.ViewSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Says which views are recomputed more often than runs can follow, or audited too seldom. */
final class ScheduleWarnings {
  /** Runs that are looked at: the newest. */
  static final int RUNS = 11;

  /** Audits whose times are looked at: the next. */
  private static final int AUDITS = 50;

  private ScheduleWarnings() {}

  /**
   * @param tookMs how long the newest runs took that succeeded, in milliseconds
   * @param held how long deltas wait for their audit
   */
  static List<String> of(List<ViewPlan> views, List<Long> tookMs, Duration held, Instant now) {
    Optional<Duration> usual = usual(tookMs);
    List<String> warnings = new ArrayList<>();
    for (ViewPlan view : views) {
      usual.flatMap(took -> warning(view, took, now)).ifPresent(warnings::add);
      seldom(view, held, now).ifPresent(warnings::add);
    }
    return List.copyOf(warnings);
  }

  private static Optional<String> seldom(ViewPlan view, Duration held, Instant now) {
    List<Instant> times =
        Optional.ofNullable(ViewSchedule.of(view).auditCron())
            .map(cron -> cron.next(now, AUDITS))
            .orElse(List.of());
    return IntStream.range(1, times.size())
        .mapToObj(i -> Duration.between(times.get(i - 1), times.get(i)))
        .max(Comparator.naturalOrder())
        .filter(gap -> gap.compareTo(held) > 0)
        .map(
            gap ->
                "the view '"
                    + view.view()
                    + "' is audited every "
                    + gap.toSeconds()
                    + " s, but its deltas wait for "
                    + held.toSeconds()
                    + " s at most (audit.hold, speed.retention): older ones will not be compared");
  }

  private static Optional<String> warning(ViewPlan view, Duration usual, Instant now) {
    return Optional.ofNullable(ViewSchedule.of(view).cron())
        .flatMap(cron -> cron.shortestGap(now))
        .filter(gap -> gap.compareTo(usual) < 0)
        .map(
            gap ->
                "the view '"
                    + view.view()
                    + "' is scheduled every "
                    + gap.toSeconds()
                    + " s, but a run usually takes "
                    + usual.toSeconds()
                    + " s: runs will follow each other without a pause, each covering what came due"
                    + " during the one before");
  }

  /** The median; empty if there is none. */
  private static Optional<Duration> usual(List<Long> tookMs) {
    List<Long> sorted = tookMs.stream().sorted().toList();
    return sorted.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(sorted.get(sorted.size() / 2)));
  }
}
