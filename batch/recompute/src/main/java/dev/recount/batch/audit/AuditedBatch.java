package dev.recount.batch.audit;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.FullRunDue;
import dev.recount.core.catalog.Publication;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Instant;
import java.util.Optional;

/** The batch of a view that an audit compares: what can be compared before can be so after, too. */
final class AuditedBatch {
  private final Catalog catalog;
  private final ViewPlan plan;
  private final long before;
  private final String run;

  private AuditedBatch(Catalog catalog, ViewPlan plan, long before) {
    this.catalog = catalog;
    this.plan = plan;
    this.before = before;
    this.run = servingRun();
  }

  /**
   * @param before the moment as of which the view is looked at
   * @throws RecountException FULL_RUN_PENDING if it counts what is no longer archived,
   *     AUDIT_OVERTAKEN if it covers arrivals after that moment
   */
  static AuditedBatch begin(Catalog catalog, ViewPlan plan, long before) {
    AuditedBatch batch = new AuditedBatch(catalog, plan, before);
    batch.requireNoFullRunDue();
    return batch;
  }

  /**
   * To be called when all was counted: neither the batch nor the archive has changed meanwhile.
   *
   * @throws RecountException FULL_RUN_PENDING, AUDIT_OVERTAKEN
   */
  void requireUnchanged() {
    requireNoFullRunDue();
    if (!serving().map(Publication::runId).orElse("").equals(run)) {
      throw RecountException.of(
          ErrorCode.AUDIT_OVERTAKEN,
          "Cannot audit view '%s': batch runs publish it more often than an audit takes; pause"
              + " its schedule (recount schedule pause %s), then run the audit again",
          plan.shownName(),
          plan.view());
    }
  }

  /** Whether a run published the view since that moment, so that a later one has to be taken. */
  static boolean isOvertaken(Throwable e) {
    return e instanceof RecountException known && known.code() == ErrorCode.AUDIT_OVERTAKEN;
  }

  /** Events that are no longer archived are counted until the view's next full run. */
  private void requireNoFullRunDue() {
    Optional<FullRunDue> due = catalog.batch().fullRunDue(plan.table());
    if (due.isPresent()) {
      throw RecountException.of(
          ErrorCode.FULL_RUN_PENDING,
          "Cannot audit view '%s': %s, and its next full run is pending; run 'recount batch run"
              + " %s', then the audit",
          plan.shownName(),
          due.get().reason(),
          plan.view());
    }
  }

  /** A batch with a later cut cannot be looked at as of an earlier moment. */
  private String servingRun() {
    Publication publication = serving().orElse(null);
    if (publication == null) {
      return "";
    }
    if (publication.cutMs() > before) {
      throw RecountException.of(
          ErrorCode.AUDIT_OVERTAKEN,
          "Cannot audit view '%s': its batch covers arrivals up to %s, but archive and "
              + "speed have both passed only %s; see recount status, and run the audit again",
          plan.shownName(),
          Instant.ofEpochMilli(publication.cutMs()),
          Instant.ofEpochMilli(before));
    }
    return publication.runId();
  }

  private Optional<Publication> serving() {
    return catalog.batch().serving(plan.table());
  }
}
