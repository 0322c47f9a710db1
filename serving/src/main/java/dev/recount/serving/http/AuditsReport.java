package dev.recount.serving.http;

import dev.recount.core.UnknownName;
import dev.recount.core.catalog.AuditResult;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@code GET /v1/audits} answers: what audits of views found, the newest first. */
final class AuditsReport {
  private static final String VIEW = "view";
  private static final String LIMIT = "limit";
  private static final String BEFORE = "before";
  private static final Set<String> KNOWN = Set.of(VIEW, LIMIT, BEFORE);
  private static final int LIMIT_DEFAULT = 100;
  private static final int LIMIT_MOST = 10_000;

  private final Catalog catalog;

  AuditsReport(Catalog catalog) {
    this.catalog = catalog;
  }

  /**
   * The newest audits, as many as were asked for.
   *
   * @param next what {@code before} has to be for those that follow; null if there are none
   */
  record Audits(List<Audit> audits, String next) {}

  /**
   * An audit of a view; nulls if it failed before it came so far.
   *
   * @param auditId its name
   * @param kind FULL: all that is served; ABSORBED: what the speed layer had served and a batch has
   *     absorbed since the last such audit
   * @param status EQUAL, PARTIAL, SKIPPED, DIFFERS or FAILED
   * @param from arrivals from this on, and before {@code until}, were compared
   * @param served events in what is or was served, by the view's first count
   * @param recounted the same in the recount from raw
   * @param drift groups in which speed counted copies that batch left out; null if the view counts
   *     every event
   * @param leftOut what could not be compared, and why
   * @param error the code of a failure
   * @param cause of a failure, or the first differences
   */
  record Audit(
      String auditId,
      String view,
      int version,
      String kind,
      String status,
      Instant started,
      Instant finished,
      Instant from,
      Instant until,
      Long groups,
      Long differing,
      Long served,
      Long recounted,
      Long drift,
      List<String> leftOut,
      String error,
      String cause) {}

  /**
   * @throws RecountException REQUEST_INVALID, VIEW_UNKNOWN, NOT_FOUND
   */
  Audits read(Map<String, List<String>> parameters) {
    for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
      if (!KNOWN.contains(parameter.getKey()) || parameter.getValue().size() > 1) {
        throw invalid(
            "it takes 'view', 'limit' and 'before', each once; found '" + parameter.getKey() + "'");
      }
    }
    int limit = limit(parameters.getOrDefault(LIMIT, List.of()));
    String view = parameters.getOrDefault(VIEW, List.of()).stream().findFirst().orElse(null);
    String before = parameters.getOrDefault(BEFORE, List.of()).stream().findFirst().orElse(null);
    List<AuditResult> found = catalog.audits().newest(view, before, limit + 1);
    requireKnown(view, found);
    boolean isAll = found.size() <= limit;
    List<AuditResult> page = isAll ? found : found.subList(0, limit);
    return new Audits(
        page.stream().map(AuditsReport::audit).toList(),
        isAll ? null : page.get(limit - 1).auditId());
  }

  /** A view that is gone may still have a history. */
  private void requireKnown(String view, List<AuditResult> found) {
    if (view != null && found.isEmpty() && catalog.views().active(view).isEmpty()) {
      throw UnknownName.view(
          view, catalog.views().all().stream().map(ViewVersion::viewName).distinct().toList());
    }
  }

  private static int limit(List<String> values) {
    if (values.isEmpty()) {
      return LIMIT_DEFAULT;
    }
    try {
      int limit = Integer.parseInt(values.get(0));
      if (limit >= 1 && limit <= LIMIT_MOST) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is too large.
    }
    throw invalid("'limit' must be from 1 to " + LIMIT_MOST + ", found '" + values.get(0) + "'");
  }

  private static Audit audit(AuditResult result) {
    return new Audit(
        result.auditId(),
        result.viewName(),
        result.version(),
        result.kind(),
        result.status(),
        Instant.ofEpochMilli(result.startedMs()),
        Instant.ofEpochMilli(result.finishedMs()),
        instant(result.fromMs()),
        instant(result.untilMs()),
        result.groupCount(),
        result.differing(),
        result.served(),
        result.recounted(),
        result.drift(),
        result.leftOutParts(),
        result.errorCode(),
        result.cause());
  }

  private static Instant instant(Long millis) {
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }

  private static RecountException invalid(String reason) {
    return RecountException.of(ErrorCode.REQUEST_INVALID, "Cannot read the request: %s", reason);
  }
}
