package dev.recount.core.catalog;

import dev.recount.core.UnknownName;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The runs of view versions that are kept, and whether one may be served again. */
public final class KeptRuns {
  private final Catalog catalog;
  private final int most;
  private final Duration retention;
  private final Clock clock;

  public KeptRuns(Catalog catalog, RecountConfig config, Clock clock) {
    this.catalog = catalog;
    this.most = config.batch().keepRuns();
    this.retention = config.speed().retention();
    this.clock = clock;
  }

  /**
   * What a run published that may be served again.
   *
   * @param isServing whether readers see it already
   */
  public record Target(Publication publication, boolean isServing) {}

  /**
   * The version of a view that a name means.
   *
   * @param name {@code view}, for the version that readers see, or {@code view@2}
   * @throws RecountException VIEW_UNKNOWN
   */
  public ViewVersion view(String name) {
    return catalog
        .views()
        .named(name)
        .orElseThrow(() -> UnknownName.view(name, catalog.views().namesLike(name)));
  }

  /**
   * The kept runs of a view version, newest first.
   *
   * @param missing says what of a publication is not there any more; empty if all is
   */
  public List<KeptRun> list(ViewVersion view, Function<Publication, Optional<String>> missing) {
    Optional<Publication> serving = catalog.batch().serving(view.plan().table());
    return catalog.batch().kept(view.plan().table(), most).stream()
        .filter(p -> p.rolledBackTo() == null)
        .map(p -> report(view, p, serving, missing))
        .toList();
  }

  private KeptRun report(
      ViewVersion view,
      Publication p,
      Optional<Publication> serving,
      Function<Publication, Optional<String>> missing) {
    Optional<Publication> served = serving.filter(s -> s.countedBy().equals(p.runId()));
    String reason =
        served.isPresent()
            ? "it is served now"
            : problem(view, p).or(() -> missing.apply(p)).orElse(null);
    return new KeptRun(
        p.runId(),
        p.viewName(),
        p.version(),
        p.mode(),
        p.publishedMs() == null ? null : Instant.ofEpochMilli(p.publishedMs()),
        Instant.ofEpochMilli(p.cutMs()),
        p.rowCount(),
        p.segmentCount(),
        p.bytes(),
        served.isPresent(),
        served.map(Publication::runId).filter(run -> !run.equals(p.runId())).orElse(null),
        reason == null,
        reason);
  }

  /**
   * What a run published, if it may be served again, or is served. The name of a roll-back stands
   * for the run that it went back to.
   *
   * @param missing says what of a publication is not there any more; empty if all is
   * @throws RecountException NOT_FOUND, ROLLBACK_REFUSED
   */
  public Target require(
      ViewVersion view, String run, Function<Publication, Optional<String>> missing) {
    Publication found =
        catalog
            .batch()
            .find(run, view.plan().table())
            .orElseThrow(() -> refused(view, run, notPublished(view, run)));
    Publication target =
        found.rolledBackTo() == null
            ? found
            : catalog
                .batch()
                .find(found.rolledBackTo(), found.tableName())
                .orElseThrow(() -> refused(view, run, "it is no longer kept"));
    List<Publication> kept = catalog.batch().kept(target.tableName(), most);
    boolean isServing =
        kept.stream()
            .anyMatch(
                p ->
                    p.status().equals(Publication.SERVING) && p.countedBy().equals(target.runId()));
    if (!isServing) {
      problem(kept, view, target)
          .or(() -> missing.apply(target))
          .ifPresent(
              reason -> {
                throw refused(view, run, reason);
              });
    }
    return new Target(target, isServing);
  }

  private static RecountException refused(ViewVersion view, String run, String reason) {
    return RecountException.of(
        ErrorCode.ROLLBACK_REFUSED,
        "Cannot roll back view '%s' to run '%s': %s; 'recount batch runs %s' lists the runs that it"
            + " can be rolled back to",
        view.viewName(),
        run,
        reason,
        view.viewName());
  }

  /** Why a run has published nothing of a view version. */
  private String notPublished(ViewVersion view, String run) {
    Optional<RunReport> known = catalog.runs().find(run);
    if (known.isEmpty()) {
      throw RecountException.of(
          ErrorCode.NOT_FOUND,
          "Cannot roll back view '%s' to run '%s': the history has none of that name; 'recount"
              + " batch runs %s' lists the runs that it can be rolled back to",
          view.viewName(),
          run,
          view.viewName());
    }
    RunReport report = known.get();
    if (report.views().stream().noneMatch(v -> v.view().equals(view.viewName()))) {
      return "it was a run of other views: "
          + report.views().stream().map(RunView::view).distinct().collect(Collectors.joining(", "));
    }
    return switch (report.status()) {
      case BatchRun.RUNNING -> "it is under way";
      case BatchRun.MISSED -> "it never began";
      case BatchRun.SUCCEEDED -> "it is no longer kept, or was of another version of the view";
      default -> "it published nothing of the view" + because(report);
    };
  }

  private static String because(RunReport report) {
    return report.error() == null ? "" : " (" + report.error() + ")";
  }

  private Optional<String> problem(
      List<Publication> kept, ViewVersion view, Publication publication) {
    if (!publication.wasServed()) {
      return Optional.of(
          publication.status().equals(Publication.PUBLISHING)
              ? "it is being published"
              : "its answers were never served");
    }
    if (kept.stream().noneMatch(p -> p.runId().equals(publication.runId()))) {
      return Optional.of(
          "it is not one of the newest " + most + ", which are kept (batch.keep-runs)");
    }
    return problem(view, publication);
  }

  /** Why a publication that was served must not be served again. */
  private Optional<String> problem(ViewVersion view, Publication publication) {
    if (publication.outdated() != null) {
      return Optional.of("since then " + publication.outdated());
    }
    Optional<FullRunDue> due = catalog.batch().fullRunDue(publication.tableName());
    if (due.isPresent()) {
      return Optional.of(
          due.get().reason()
              + ", and the full run that this asks for is pending: run 'recount batch run "
              + view.viewName()
              + "'");
    }
    if (publication.parts().isEmpty() && publication.rowCount() > 0) {
      return Optional.of("it is not known any more of which rows it consists");
    }
    return uncovered(view, publication.cutMs());
  }

  /** What arrived since a cut and speed does not serve any more. */
  private Optional<String> uncovered(ViewVersion view, long cutMs) {
    long droppedMs = catalog.audits().progress(view.plan().table()).droppedUntilMs();
    if (droppedMs > cutMs) {
      return Optional.of(
          "the deltas of what arrived since its cut, "
              + Instant.ofEpochMilli(cutMs)
              + ", are gone up to "
              + Instant.ofEpochMilli(droppedMs));
    }
    if (view.speedSinceMs() == null) {
      return Optional.of("the speed layer does not hold the view now; see 'recount status'");
    }
    if (view.speedSinceMs() > cutMs) {
      return Optional.of(
          "the speed layer holds the view only since "
              + Instant.ofEpochMilli(view.speedSinceMs())
              + ", which is after its cut, "
              + Instant.ofEpochMilli(cutMs));
    }
    // Arrivals are of the brokers' clocks.
    long nowMs =
        catalog
            .services()
            .speedProgress(view.event())
            .map(SpeedProgress::nowMs)
            .orElseGet(clock::millis);
    return nowMs - cutMs > retention.toMillis()
        ? Optional.of(
            "its cut, "
                + Instant.ofEpochMilli(cutMs)
                + ", is longer ago than deltas are kept: "
                + DurationText.of(retention)
                + " (speed.retention)")
        : Optional.empty();
  }
}
