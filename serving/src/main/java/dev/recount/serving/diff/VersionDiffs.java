package dev.recount.serving.diff;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.diff.DiffOutcome;
import dev.recount.core.diff.VersionDiff;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.gateway.Gateway;
import dev.recount.serving.pinot.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Compares two live versions of a view over the same arrivals, so that a difference is the SQL's
 * and nothing else's: both are asked for what arrived before a moment that both have passed wholly,
 * and that neither batch has passed.
 */
public final class VersionDiffs {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int ATTEMPTS = 5;

  /** Groups of a version: those of both are in memory. */
  private static final int MOST_GROUPS = 500_000;

  private final Gateway gateway;
  private final Catalog catalog;
  private final RecountConfig config;

  public VersionDiffs(Gateway gateway, Catalog catalog, RecountConfig config) {
    this.gateway = gateway;
    this.catalog = catalog;
    this.config = config;
  }

  /** Compares the versions of each view that has several. */
  public List<DiffOutcome> all() {
    return catalog.views().all().stream()
        .collect(Collectors.groupingBy(ViewVersion::viewName, TreeMap::new, Collectors.counting()))
        .entrySet()
        .stream()
        .filter(view -> view.getValue() > 1)
        .map(view -> outcome(view.getKey()))
        .toList();
  }

  private DiffOutcome outcome(String view) {
    try {
      return new DiffOutcome(view, diff(view, DiffRequest.any()), null, null);
    } catch (RecountException e) {
      return new DiffOutcome(view, null, e.code(), e.getMessage());
    }
  }

  /**
   * Compares two versions of a view.
   *
   * @throws RecountException VIEW_UNKNOWN, REQUEST_INVALID; TOO_MANY_GROUPS; ANSWER_INCOMPLETE if
   *     there is no moment that both have passed; what the gateway says of each question
   */
  public VersionDiff diff(String view, DiffRequest request) {
    ComparedVersions versions = ComparedVersions.of(catalog.views(), view, request);
    List<ComparedMeasure> measures = versions.measures();
    List<String> by = versions.by(request.by());
    if (measures.isEmpty() && by.isEmpty()) {
      throw DiffRequest.invalid("they have no column in common");
    }
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Asked asked = new Asked(by, measures, passedByBoth(versions));
      VersionAnswers from = ask(versions.from(), asked);
      VersionAnswers to = ask(versions.to(), asked);
      if (from.isWithin(asked.beforeMs()) && to.isWithin(asked.beforeMs())) {
        return diff(versions, asked, from, to, request.shown());
      }
    }
    throw incomplete(versions, "batch runs published new answers while it was asked");
  }

  /** How far a version goes; 0 if it has no batch yet, or if it is not known how far speed is. */
  private record Reach(ViewVersion version, long batchMs, long speedMs) {
    long untilMs() {
      return Math.max(batchMs, speedMs);
    }

    @Override
    public String toString() {
      return "version "
          + version.version()
          + (batchMs == 0
              ? " has no batch yet"
              : " has batch until " + Instant.ofEpochMilli(batchMs))
          + (speedMs == 0
              ? ", and how far speed is is not known"
              : ", speed until " + Instant.ofEpochMilli(speedMs));
    }
  }

  private Reach reach(ViewVersion version) {
    long batchMs =
        catalog.batch().serving(version.plan().table()).map(Publication::cutMs).orElse(0L);
    long speedMs = gateway.freshness(version).map(f -> f.until().toEpochMilli()).orElse(0L);
    return new Reach(version, batchMs, Cut.bucket(speedMs, config.cut().grain()));
  }

  /** A moment up to which both hold everything, and which neither batch has passed. */
  private long passedByBoth(ComparedVersions versions) {
    Deadline patience = Deadline.after(config.serving().timeout());
    while (true) {
      List<Reach> reaches = versions.both().stream().map(this::reach).toList();
      long before = reaches.stream().mapToLong(Reach::untilMs).min().orElseThrow();
      if (before > 0 && reaches.stream().allMatch(reach -> reach.batchMs() <= before)) {
        return before;
      }
      if (patience.isExpired()) {
        throw incomplete(
            versions, reaches.stream().map(Reach::toString).collect(Collectors.joining("; ")));
      }
      patience.pause(POLL);
    }
  }

  private static RecountException incomplete(ComparedVersions versions, String reason) {
    return RecountException.of(
        ErrorCode.ANSWER_INCOMPLETE,
        "Cannot compare versions %s and %s of view '%s': there is no moment that both have passed:"
            + " %s; see 'recount version list' and 'recount status', and ask again",
        versions.from().version(),
        versions.to().version(),
        versions.from().viewName(),
        reason);
  }

  private VersionAnswers ask(ViewVersion version, Asked asked) {
    ViewPlan plan = version.plan();
    int most = Math.min(config.serving().maxLimit() - 1, MOST_GROUPS);
    Answer groups = answer(plan, asked.groups(plan, most + 1L));
    if (groups.rows().size() > most) {
      throw RecountException.of(
          ErrorCode.TOO_MANY_GROUPS,
          "Cannot compare versions of view '%s': version %s has more than %s groups by %s; name"
              + " fewer columns ('--by', or 'by=')",
          plan.view(),
          plan.version(),
          most,
          String.join(", ", asked.by()));
    }
    boolean hasTotals = asked.by().isEmpty() || asked.measures().isEmpty();
    Answer totals = hasTotals ? groups : answer(plan, asked.totals(plan));
    return new VersionAnswers(version, groups, totals);
  }

  private Answer answer(ViewPlan plan, String sql) {
    try {
      return gateway.answer(sql, Mode.MERGED);
    } catch (RecountException e) {
      throw explained(plan, e);
    }
  }

  /** Whoever compares versions has written no query that could be changed. */
  static RecountException explained(ViewPlan plan, RecountException e) {
    return e.code() != ErrorCode.QUERY_TIMEOUT
        ? e
        : RecountException.of(
            ErrorCode.QUERY_TIMEOUT,
            e,
            "Cannot compare versions of view '%s': version %s did not answer within"
                + " serving.timeout; name fewer columns ('--by', or 'by='), or raise"
                + " serving.timeout",
            plan.view(),
            plan.version());
  }

  private VersionDiff diff(
      ComparedVersions versions, Asked asked, VersionAnswers from, VersionAnswers to, int shown) {
    GroupComparison comparison = new GroupComparison(asked.by().size(), asked.measures(), shown);
    comparison.compare(from.groups().rows(), to.groups().rows());
    List<String> otherEvents = otherEvents(versions);
    List<String> warnings = new ArrayList<>(otherEvents);
    warnings.addAll(from.warnings());
    warnings.addAll(to.warnings());
    return new VersionDiff(
        versions.from().viewName(),
        from.side(),
        to.side(),
        otherEvents.isEmpty() && from.isComplete() && to.isComplete(),
        warnings,
        Instant.ofEpochMilli(asked.beforeMs()),
        versions.columns(),
        asked.by(),
        comparison.groups(),
        comparison.measures(from.totals().rows(), to.totals().rows()),
        comparison.sample());
  }

  /** A version counts what has been erased, or became too old, until its next full run. */
  private List<String> otherEvents(ComparedVersions versions) {
    return versions.both().stream()
        .flatMap(
            version ->
                catalog.batch().fullRunDue(version.plan().table()).stream()
                    .map(
                        due ->
                            "version %s may count events that the other does not: %s, and its next"
                                    .formatted(version.version(), due.reason())
                                + " full run is pending; run 'recount batch run %s'"
                                    .formatted(version.viewName())))
        .toList();
  }
}
