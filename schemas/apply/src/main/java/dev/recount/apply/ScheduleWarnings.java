package dev.recount.apply;

import dev.recount.core.catalog.BatchRun;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.ViewSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Says which views are scheduled more often than their runs can follow. */
final class ScheduleWarnings {
  /** Runs that are looked at: the newest. */
  private static final int RUNS = 11;

  private ScheduleWarnings() {}

  /**
   * @param runs the newest first
   */
  static List<String> of(List<ViewPlan> views, List<BatchRun> runs, Instant now) {
    Optional<Duration> usual = usual(runs);
    return usual.isEmpty()
        ? List.of()
        : views.stream().flatMap(view -> warning(view, usual.get(), now).stream()).toList();
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

  /** The median of the newest runs that succeeded; empty if none did. */
  private static Optional<Duration> usual(List<BatchRun> runs) {
    List<Long> took =
        runs.stream()
            .filter(run -> run.status().equals(BatchRun.SUCCEEDED))
            .limit(RUNS)
            .map(run -> run.finishedMs() - run.startedMs())
            .sorted()
            .toList();
    return took.isEmpty()
        ? Optional.empty()
        : Optional.of(Duration.ofMillis(took.get(took.size() / 2)));
  }
}
