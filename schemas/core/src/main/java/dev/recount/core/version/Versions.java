package dev.recount.core.version;

import dev.recount.core.UnknownName;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What versions views have, how far each is, and leading readers from one to another. */
public final class Versions {
  private final Catalog catalog;

  public Versions(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Of all views, by view and version. */
  public List<VersionReport> list() {
    Map<String, Integer> active =
        catalog.views().active().stream()
            .collect(Collectors.toMap(ViewVersion::viewName, ViewVersion::version));
    List<RunReport> running =
        catalog.runs().running().stream().filter(run -> !run.hasEnded()).toList();
    Set<String> asked =
        catalog.requests().all().stream()
            .map(request -> request.viewName())
            .collect(Collectors.toSet());
    List<ViewVersion> all = new ArrayList<>(catalog.views().all());
    all.addAll(catalog.views().unfinished());
    all.sort(Comparator.comparing(ViewVersion::viewName).thenComparingInt(ViewVersion::version));
    return all.stream()
        .map(
            version ->
                report(
                    version,
                    Integer.valueOf(version.version()).equals(active.get(version.viewName())),
                    nextBatch(version, running, asked)))
        .toList();
  }

  /**
   * Of one view.
   *
   * @throws RecountException VIEW_UNKNOWN
   */
  public List<VersionReport> list(String view) {
    List<VersionReport> all = list();
    List<VersionReport> found = all.stream().filter(v -> v.view().equals(view)).toList();
    if (found.isEmpty()) {
      throw all.stream()
          .filter(v -> ViewPlan.versionName(v.view(), v.version()).equals(view))
          .findFirst()
          .map(Versions::oneOfItsVersions)
          .orElseGet(() -> unknown(view));
    }
    return found;
  }

  /** When batch will cover it further. */
  private static String nextBatch(ViewVersion version, List<RunReport> running, Set<String> asked) {
    Optional<RunReport> run =
        running.stream()
            .filter(r -> r.views().stream().anyMatch(v -> version.table().equals(v.table())))
            .findFirst();
    if (run.isPresent()) {
      return "run " + run.get().runId() + " computes it now";
    }
    return asked.contains(version.viewName())
        ? "a run is asked for"
        : "'recount batch run " + version.viewName() + "' computes it";
  }

  private VersionReport report(ViewVersion version, boolean isActive, String nextBatch) {
    boolean isLive = version.state().equals(ViewVersion.LIVE);
    Publication batch = catalog.batch().serving(version.table()).orElse(null);
    boolean isWhole = isLive && version.isWhole(batch);
    return new VersionReport(
        version.viewName(),
        version.version(),
        state(version, isActive),
        version.event(),
        version.table(),
        Instant.ofEpochMilli(version.appliedMs()),
        instant(version.speedSinceMs()),
        instant(batch == null ? null : batch.cutMs()),
        batch == null ? null : batch.runId(),
        batch == null ? null : batch.rowCount(),
        isWhole,
        isWhole ? null : reason(version, batch, nextBatch),
        version.promotableAfterMs(),
        version.plan().sql());
  }

  private static String state(ViewVersion version, boolean isActive) {
    return switch (version.state()) {
      case ViewVersion.MAKING -> VersionReport.MAKING;
      case ViewVersion.DROPPING -> VersionReport.DROPPING;
      default -> isActive ? VersionReport.ACTIVE : VersionReport.KEPT;
    };
  }

  /** Why batch and speed together do not hold all. */
  private static String reason(ViewVersion version, Publication batch, String nextBatch) {
    if (version.state().equals(ViewVersion.MAKING)) {
      return "'recount apply' has not made its tables yet; if it was stopped, apply again, or"
          + " 'recount batch clean' removes what it has made";
    }
    if (version.state().equals(ViewVersion.DROPPING)) {
      return "'recount version drop " + version.name() + "' has not removed all yet";
    }
    if (version.speedFailure() != null) {
      return "the speed layer set it aside at "
          + Instant.ofEpochMilli(version.speedFailedMs())
          + ": "
          + version.speedFailure();
    }
    if (version.speedSinceMs() == null) {
      return "the speed layer has not begun with it; does it run? (recount status)";
    }
    return "speed has it since "
        + Instant.ofEpochMilli(version.speedSinceMs())
        + ", and "
        + (batch == null
            ? "no batch covers it yet"
            : "batch covers it only until " + Instant.ofEpochMilli(batch.cutMs()))
        + "; "
        + nextBatch;
  }

  private static Instant instant(Long millis) {
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }

  /**
   * What leading readers to another version changes.
   *
   * @param from the version that readers see
   * @param to the one that they are led to; the same if nothing changes
   * @param added columns that only the other has
   * @param removed columns that it has no more
   */
  public record Promotion(
      String view, VersionReport from, VersionReport to, List<String> added, List<String> removed) {
    public boolean changesNothing() {
      return from.version() == to.version();
    }
  }

  /**
   * What a promotion would do.
   *
   * @param to the version; null for the newest
   * @throws RecountException VIEW_UNKNOWN; VERSION_NOT_PROMOTABLE
   */
  public Promotion promotion(String view, Integer to) {
    List<VersionReport> live =
        list(view).stream()
            .filter(r -> Set.of(VersionReport.ACTIVE, VersionReport.KEPT).contains(r.state()))
            .toList();
    VersionReport from =
        live.stream()
            .filter(r -> r.state().equals(VersionReport.ACTIVE))
            .findFirst()
            .orElseThrow(() -> unknown(view));
    VersionReport wanted =
        live.stream()
            .filter(r -> to == null || r.version() == to)
            .reduce((older, newer) -> newer)
            .orElseThrow(() -> unknown(view + "@" + to));
    if (wanted.version() != from.version() && !wanted.promotable()) {
      throw RecountException.of(
          ErrorCode.VERSION_NOT_PROMOTABLE,
          "Cannot promote version %s of view '%s': %s; 'recount version list %s' shows how far it"
              + " is",
          wanted.version(),
          view,
          wanted.reason(),
          view);
    }
    Set<String> before = columns(view, from.version());
    Set<String> after = columns(view, wanted.version());
    return new Promotion(view, from, wanted, without(after, before), without(before, after));
  }

  /**
   * Leads readers to another version in one step: a query that begins later sees that one alone.
   *
   * @param to the version; null for the newest
   * @return what was done; nothing if readers saw it already, or somebody else has led them to it
   *     at the same time
   * @throws RecountException VIEW_UNKNOWN; VERSION_NOT_PROMOTABLE, also if somebody else has
   *     promoted another version at the same time
   */
  public Promotion promote(String view, Integer to) {
    Promotion promotion = promotion(view, to);
    int from = promotion.from().version();
    int wanted = promotion.to().version();
    if (promotion.changesNothing() || catalog.views().promote(view, from, wanted)) {
      return promotion;
    }
    Promotion now = promotion(view, wanted);
    if (!now.changesNothing()) {
      throw RecountException.of(
          ErrorCode.VERSION_NOT_PROMOTABLE,
          "Cannot promote version %s of view '%s': somebody promoted another version at the same"
              + " time, and readers see version %s now; look at 'recount version list %s', and"
              + " ask again",
          wanted,
          view,
          now.from().version(),
          view);
    }
    return now;
  }

  private Set<String> columns(String view, int version) {
    return catalog.views().find(view, version).map(ViewVersion::plan).stream()
        .flatMap(Versions::columns)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> columns(ViewPlan plan) {
    return Stream.concat(
        plan.dimensions().stream().map(Dimension::name),
        plan.measures().stream().map(Measure::name));
  }

  private static List<String> without(Set<String> all, Set<String> left) {
    return all.stream().filter(name -> !left.contains(name)).toList();
  }

  private static RecountException oneOfItsVersions(VersionReport version) {
    return RecountException.of(
        ErrorCode.VIEW_UNKNOWN,
        "Cannot find the view '%s': that is one version of a view; name the view, '%s'",
        ViewPlan.versionName(version.view(), version.version()),
        version.view());
  }

  private RecountException unknown(String name) {
    return UnknownName.view(name, catalog.views().namesLike(name));
  }
}
