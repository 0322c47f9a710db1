package dev.recount.batch.run;

import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.Publisher;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import java.util.Collection;

/** Removes what no run needs any more once views are published: files, and old history. */
final class Tidying {
  private final RecountConfig config;
  private final Catalog catalog;
  private final RunFolders folders;
  private final Publisher publisher;

  Tidying(RecountConfig config, Catalog catalog, RunFolders folders, Publisher publisher) {
    this.config = config;
    this.catalog = catalog;
    this.folders = folders;
    this.publisher = publisher;
  }

  /**
   * What cannot be removed now is removed by a later run, or the janitor.
   *
   * @return how many runs were forgotten
   */
  int tidy(Collection<ViewPlan> published, RunLog log) {
    int kept = config.batch().keepRuns();
    for (ViewPlan plan : published) {
      try {
        folders.dropOthers(
            plan.table(), catalog.batch().keptRuns(plan.table(), kept), publisher::requireOurs);
        catalog.batch().forgetNames(plan.table(), kept);
      } catch (RecountException e) {
        log.failed("Old files of " + plan.table() + " stay for now", e);
      }
    }
    return catalog.runs().prune(config.batch().keepHistory(), kept).size();
  }
}
