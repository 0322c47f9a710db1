package dev.recount.batch.run;

import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.Map;

/**
 * The view versions of a run.
 *
 * @param modes of the views, by name
 * @param requests those that the run covers
 */
record RunWork(List<ViewPlan> plans, Map<String, String> modes, List<RunRequest> requests) {
  /** A roll-back of one view version. */
  static RunWork rollback(ViewPlan plan) {
    return new RunWork(List.of(plan), Map.of(plan.view(), Publication.ROLLBACK), List.of());
  }

  List<RunView> views() {
    return plans.stream()
        .map(plan -> RunView.due(plan.view(), plan.table(), modes.get(plan.view())))
        .toList();
  }

  String origin() {
    return requests.stream().map(RunRequest::origin).findFirst().orElse(RunRequest.HAND);
  }

  /** How many runs have failed the view that fails most. */
  int attempt() {
    return requests.stream().mapToInt(RunRequest::attempt).max().orElse(0);
  }
}
