package dev.recount.batch.run;

import dev.recount.core.Nearest;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.Collection;
import java.util.List;
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
