package dev.recount.batch.archive;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ViewPlan;
import java.util.List;

/** The views that read an event, some of whose records were taken out of the archive. */
public final class StaleViews {
  private final Catalog catalog;

  public StaleViews(Catalog catalog) {
    this.catalog = catalog;
  }

  private List<ViewPlan> plans(String event) {
    return catalog.views().all().stream()
        .map(ViewVersion::plan)
        .filter(plan -> plan.events().contains(event))
        .toList();
  }

  /** Their names, in order. */
  public List<String> of(String event) {
    return plans(event).stream().map(ViewPlan::view).distinct().sorted().toList();
  }

  /** Has the next run of each be full, whatever its mode. */
  public void requireFull(String event, String reason) {
    plans(event).forEach(plan -> catalog.batch().requireFull(plan.table(), reason));
  }

  /** Asks for a full run of each, now. */
  public void requestFull(String event) {
    of(event).forEach(view -> catalog.requests().add(view, RunRequest.FULL, RunRequest.HAND));
  }
}
