package dev.recount.batch.audit;

import dev.recount.core.catalog.AuditResult;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.view.Cron;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.ViewSchedule;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Which views' {@code -- @audit} has fired since they were last audited. */
final class DueAudits {
  private final Catalog catalog;
  private final Clock clock;

  DueAudits(Catalog catalog, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /** An audit that failed counts: the next one is due when the schedule fires again. */
  boolean isDue(ViewPlan plan) {
    Cron cron = ViewSchedule.of(plan).auditCron();
    if (cron == null) {
      return false;
    }
    long ageMs =
        catalog
            .audits()
            .last(plan.table(), AuditResult.ABSORBED)
            .map(AuditResult::ageMs)
            .or(() -> catalog.views().find(plan.view(), plan.version()).map(v -> v.ageMs()))
            .orElse(0L);
    return isDue(cron, clock.instant(), ageMs);
  }

  static boolean isDue(Cron cron, Instant now, long lastAgeMs) {
    Optional<Instant> next = cron.next(now.minusMillis(lastAgeMs));
    return next.isPresent() && !next.get().isAfter(now);
  }
}
