package dev.recount.serving.metrics;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunView;
import dev.recount.core.catalog.StatusReport;
import dev.recount.core.config.RecountConfig;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the catalog says of the whole system.
 *
 * @param runs the last run of each view and outcome
 * @param running how many runs are under way
 */
record SystemFacts(StatusReport status, List<LastRun> runs, long running) {
  /** As many runs as are looked back over. */
  private static final int RUNS = 200;

  /**
   * The last run of a view that ended so.
   *
   * @param result succeeded, failed, cancelled or missed
   * @param seconds it took; null if it never began
   */
  record LastRun(String view, String result, double finishedSeconds, Double seconds) {}

  static SystemFacts read(Catalog catalog, RecountConfig config, Clock clock) {
    StatusReport status = StatusReport.of(catalog, config, clock);
    Set<String> views =
        status.views().stream().map(StatusReport.View::view).collect(Collectors.toSet());
    return new SystemFacts(
        status,
        lastRuns(catalog.runs().newest(RUNS)).stream()
            .filter(run -> views.contains(run.view()))
            .toList(),
        catalog.runs().running().size());
  }

  /** Of runs, the newest first. */
  static List<LastRun> lastRuns(List<RunReport> newestFirst) {
    Map<String, Set<String>> seen = new HashMap<>();
    List<LastRun> last = new ArrayList<>();
    for (RunReport run : newestFirst) {
      for (RunView view : run.finished() == null ? List.<RunView>of() : run.views()) {
        String result = result(run, view);
        if (seen.computeIfAbsent(view.view(), v -> new HashSet<>()).add(result)) {
          Double seconds =
              run.started() == null
                  ? null
                  : (run.finished().toEpochMilli() - run.started().toEpochMilli()) / 1e3;
          last.add(new LastRun(view.view(), result, run.finished().toEpochMilli() / 1e3, seconds));
        }
      }
    }
    return last;
  }

  /** A run may succeed with some of its views. */
  private static String result(RunReport run, RunView view) {
    return switch (view.status()) {
      case RunView.PUBLISHED, RunView.LEFT_OUT -> "succeeded";
      case RunView.FAILED -> "failed";
      default -> run.status().toLowerCase(Locale.ROOT);
    };
  }
}
