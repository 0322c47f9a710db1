package dev.recount.batch.audit;

import dev.recount.core.Json;
import dev.recount.core.catalog.AuditResult;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what audits found to the catalog. */
final class AuditLog {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final String NOTHING = "[]";

  private final Catalog catalog;
  private final Clock clock;
  private final String kind;

  /**
   * @param kind of {@link AuditResult}
   */
  AuditLog(Catalog catalog, Clock clock, String kind) {
    this.catalog = catalog;
    this.clock = clock;
    this.kind = kind;
  }

  /** How a version is called in reports: as its view if readers see it. */
  String name(ViewPlan plan) {
    try {
      return catalog
          .views()
          .active(plan.view())
          .filter(active -> active.version() == plan.version())
          .map(ViewVersion::viewName)
          .orElse(plan.versionName());
    } catch (RecountException e) {
      LOG.debug("Cannot look which version of {} readers see", plan.view(), e);
      return plan.versionName();
    }
  }

  /** Notes what all that is served was found to be. */
  void found(ViewPlan plan, long startedMs, long beforeMs, AuditReport.View view) {
    found(
        plan,
        startedMs,
        new AbsorbedReport.View(
            view.view(),
            Instant.EPOCH,
            Instant.ofEpochMilli(beforeMs),
            view.groups(),
            view.merged(),
            view.raw(),
            view.differing(),
            null,
            view.differences(),
            List.of()));
  }

  /** Notes what a view was found to be. */
  void found(ViewPlan plan, long startedMs, AbsorbedReport.View view) {
    catalog
        .audits()
        .add(
            new AuditResult(
                UUID.randomUUID().toString(),
                plan.view(),
                plan.version(),
                plan.table(),
                kind,
                view.status(),
                startedMs,
                clock.millis(),
                view.from().toEpochMilli(),
                view.until().toEpochMilli(),
                view.groups(),
                view.differing(),
                view.served(),
                view.recounted(),
                view.drift(),
                Json.write(view.leftOut()),
                null,
                view.differences().isEmpty() ? null : String.join("\n", view.differences()),
                0));
  }

  /** Notes that a view could not be compared, and says so in the form of reports. */
  AuditReport.Failure failed(ViewPlan plan, long startedMs, Throwable failure) {
    ErrorCode code = failure instanceof RecountException known ? known.code() : ErrorCode.INTERNAL;
    String message =
        failure instanceof RecountException
            ? failure.getMessage()
            : "Cannot audit view '" + name(plan) + "': " + failure;
    add(
        new AuditResult(
            UUID.randomUUID().toString(),
            plan.view(),
            plan.version(),
            plan.table(),
            kind,
            AuditResult.FAILED,
            startedMs,
            clock.millis(),
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            NOTHING,
            code.name(),
            message,
            0));
    return new AuditReport.Failure(name(plan), code.name(), message);
  }

  /** That a failure cannot be noted is no reason to hide it, or to leave out other views. */
  private void add(AuditResult failure) {
    try {
      catalog.audits().add(failure);
    } catch (RecountException e) {
      LOG.warn("Cannot note that the audit of view {} failed", failure.viewName(), e);
    }
  }
}
