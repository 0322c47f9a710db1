package dev.recount.batch.run;

import dev.recount.core.Nearest;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Chooses the view versions of a run: those that readers see, and newer ones. */
public final class DueViews {
  private final Catalog catalog;

  public DueViews(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * @param names empty for all views
   * @throws RecountException VIEW_UNKNOWN naming the known views
   */
  public List<ViewPlan> choose(Collection<String> names) {
    List<ViewVersion> all = catalog.views().all();
    Set<String> known =
        all.stream().map(ViewVersion::viewName).collect(Collectors.toCollection(TreeSet::new));
    if (known.isEmpty()) {
      throw unknown("there are no views yet; run 'recount apply' first");
    }
    for (String name : names) {
      if (!known.contains(name)) {
        throw unknown(
            "there is no view '%s'; %sknown are %s",
            name, Nearest.hint(name, known), String.join(", ", known));
      }
    }
    return all.stream()
        .filter(v -> names.isEmpty() || names.contains(v.viewName()))
        .filter(v -> v.version() >= activeVersion(v.viewName()))
        .map(ViewVersion::plan)
        .toList();
  }

  /**
   * The views of a run by hand, with what was asked for of them besides.
   *
   * @param mode unless a full run of the view was asked for
   */
  RunWork ordered(Collection<String> names, String mode) {
    List<ViewPlan> plans = choose(names);
    Map<String, String> modes = new HashMap<>();
    plans.forEach(plan -> modes.put(plan.view(), mode));
    List<RunRequest> covered =
        catalog.requests().pending().stream()
            .filter(request -> modes.containsKey(request.viewName()))
            .toList();
    covered.stream()
        .filter(request -> request.mode().equals(RunRequest.FULL))
        .forEach(request -> modes.put(request.viewName(), RunRequest.FULL));
    return new RunWork(plans, modes, covered);
  }

  /** All that is due; what is due of a view that is gone is forgotten. */
  RunWork requested() {
    Set<String> known =
        catalog.views().all().stream().map(ViewVersion::viewName).collect(Collectors.toSet());
    Map<String, String> modes = new HashMap<>();
    List<RunRequest> due = new ArrayList<>();
    for (RunRequest request : catalog.requests().due()) {
      if (known.contains(request.viewName())) {
        due.add(request);
        modes.put(request.viewName(), request.mode());
      } else {
        catalog.requests().drop(request.viewName());
      }
    }
    return new RunWork(due.isEmpty() ? List.of() : choose(modes.keySet()), modes, due);
  }

  private int activeVersion(String view) {
    return catalog.views().active(view).map(ViewVersion::version).orElse(1);
  }

  private static RecountException unknown(String reason, Object... arguments) {
    return RecountException.of(
        ErrorCode.VIEW_UNKNOWN,
        "Cannot compute views: %s",
        RecountException.message(reason, arguments));
  }
}
