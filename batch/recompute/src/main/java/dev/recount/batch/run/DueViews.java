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
import java.util.stream.Collectors;

/** Chooses the view versions of a run: all there are, whichever readers see. */
public final class DueViews {
  private final Catalog catalog;

  public DueViews(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * @param names of views, for all their versions, or of versions such as {@code view@2}; empty for
   *     all
   * @throws RecountException VIEW_UNKNOWN naming the known views
   */
  public List<ViewPlan> choose(Collection<String> names) {
    List<ViewVersion> all = catalog.views().all();
    if (all.isEmpty()) {
      throw RecountException.of(
          ErrorCode.VIEW_UNKNOWN,
          "Cannot choose views: there are no views yet; run 'recount apply' first");
    }
    for (String name : names) {
      if (all.stream().noneMatch(version -> isNamed(version, name))) {
        List<String> known = catalog.views().namesLike(name);
        throw RecountException.of(
            ErrorCode.VIEW_UNKNOWN,
            "Cannot find the view '%s': %sknown are %s",
            name,
            Nearest.hint(name, known),
            String.join(", ", known));
      }
    }
    return all.stream()
        .filter(v -> names.isEmpty() || names.stream().anyMatch(name -> isNamed(v, name)))
        .map(ViewVersion::plan)
        .toList();
  }

  private static boolean isNamed(ViewVersion version, String name) {
    return version.viewName().equals(name) || version.name().equals(name);
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
    Set<String> whole =
        modes.keySet().stream().filter(view -> isWhole(view, plans)).collect(Collectors.toSet());
    List<RunRequest> covered =
        catalog.requests().pending().stream()
            .filter(request -> whole.contains(request.viewName()))
            .toList();
    covered.stream()
        .filter(request -> request.mode().equals(RunRequest.FULL))
        .forEach(request -> modes.put(request.viewName(), RunRequest.FULL));
    return new RunWork(plans, modes, covered);
  }

  /**
   * Asks again for what a run that has taken its requests does not cover: a version that was added
   * to one of its views after they were chosen.
   */
  void askForNewer(RunWork work) {
    work.requests().stream()
        .map(RunRequest::viewName)
        .filter(view -> !isWhole(view, work.plans()))
        .forEach(view -> catalog.requests().add(view, RunRequest.INCREMENTAL, RunRequest.HAND));
  }

  /** What is asked for of a view is asked for of all its versions. */
  private boolean isWhole(String view, List<ViewPlan> plans) {
    long chosen = plans.stream().filter(plan -> plan.view().equals(view)).count();
    return catalog.views().ofView(view).size() == chosen;
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
}
