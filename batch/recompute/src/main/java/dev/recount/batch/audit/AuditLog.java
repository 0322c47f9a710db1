package dev.recount.batch.audit;

import dev.recount.core.Json;
import dev.recount.core.catalog.AuditResult;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
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

  void found(ViewPlan plan, long startedMs, AbsorbedReport.View view) {
    write(
        plan,
        startedMs,
        view.differing(),
        view.from().toEpochMilli(),
        view.until().toEpochMilli(),
        view.groups(),
        view.served(),
        view.recounted(),
        view.drift(),
        view.leftOut(),
        view.differences());
  }

  void found(ViewPlan plan, long startedMs, long beforeMs, AuditReport.View view) {
    write(
        plan,
        startedMs,
        view.differing(),
        0,
        beforeMs,
        view.groups(),
        view.merged(),
        view.raw(),
        null,
        List.of(),
        view.differences());
  }

  private void write(
      ViewPlan plan,
      long startedMs,
      long differing,
      long fromMs,
      long untilMs,
      long groups,
      Long served,
      Long recounted,
      Long drift,
      List<String> leftOut,
      List<String> differences) {
    catalog
        .audits()
        .add(
            new AuditResult(
                UUID.randomUUID().toString(),
                plan.view(),
                plan.version(),
                plan.table(),
                kind,
                differing == 0 ? AuditResult.EQUAL : AuditResult.DIFFERS,
                startedMs,
                clock.millis(),
                fromMs,
                untilMs,
                groups,
                differing,
                served,
                recounted,
                drift,
                Json.write(leftOut),
                null,
                differences.isEmpty() ? null : String.join("\n", differences),
                0));
  }

  /** Notes that a view could not be compared, and says so in the form of reports. */
  AuditReport.Failure failed(ViewPlan plan, long startedMs, RuntimeException failure) {
    ErrorCode code = failure instanceof RecountException known ? known.code() : ErrorCode.INTERNAL;
    String message =
        failure instanceof RecountException
            ? failure.getMessage()
            : "Cannot audit view '" + plan.view() + "': " + failure;
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
    return new AuditReport.Failure(plan.view(), code.name(), message);
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
