package dev.recount.batch.run;

import dev.recount.batch.cut.CutPicker;
import dev.recount.core.Json;
import dev.recount.core.Loop;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunBeat;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The catalog's row of the present run, written each second: what the run does, and what became of
 * its views. A request to cancel the run, and its loss to another process, come back the same way.
 */
public final class RunRecord implements AutoCloseable {
  private static final Duration BEAT = Duration.ofSeconds(1);

  /** How long the end of a run waits for a catalog that is away. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Catalog catalog;
  private final Clock clock;
  private final String runId;
  private final Progress progress;
  private final Steps steps;
  private final StopSignal stop;
  private final RunCosts costs = new RunCosts();
  private final Map<String, RunView> views = new LinkedHashMap<>();
  private final Map<String, Throwable> failures = new LinkedHashMap<>();
  private final Loop beats;
  private CutPicker.Pick pick;
  private Long events;

  /** Begins to report on a run that the catalog knows. */
  RunRecord(
      Catalog catalog,
      Clock clock,
      String runId,
      List<RunView> due,
      Progress progress,
      Steps steps,
      StopSignal stop) {
    this.catalog = catalog;
    this.clock = clock;
    this.runId = runId;
    this.progress = progress;
    this.steps = steps;
    this.stop = stop;
    due.forEach(view -> views.put(view.table(), view));
    this.beats = Loop.start("run " + runId, BEAT, this::beat);
  }

  public String runId() {
    return runId;
  }

  /** In which mode a view is to be computed. */
  synchronized String mode(ViewPlan plan) {
    return views.get(plan.table()).mode();
  }

  /** A view may be computed in another mode than was asked for. */
  synchronized void computedAs(ViewPlan plan, String mode) {
    views.computeIfPresent(plan.table(), (table, view) -> view.as(mode));
  }

  public synchronized void picked(CutPicker.Pick picked) {
    pick = picked;
  }

  public synchronized void read(long count) {
    events = count;
  }

  /**
   * @param bytes of the segments that the run made
   */
  synchronized void published(Publication publication, long bytes) {
    views.computeIfPresent(
        publication.tableName(),
        (table, view) -> view.published(publication.rowCount(), publication.segmentCount(), bytes));
  }

  /** Assertions do not hold of a view, and do not block it. */
  synchronized void warned(ViewPlan plan, List<String> warnings) {
    views.computeIfPresent(plan.table(), (table, view) -> view.warned(warnings));
  }

  public synchronized void leftOut(ViewPlan plan, String reason) {
    views.computeIfPresent(plan.table(), (table, view) -> view.leftOut(reason));
  }

  /** One view fails; the others go on. */
  synchronized void failed(ViewPlan plan, Throwable cause) {
    views.computeIfPresent(plan.table(), (table, view) -> view.failed(text(cause)));
    failures.putIfAbsent(plan.table(), cause);
  }

  /** The first view that failed. */
  synchronized Optional<Throwable> firstFailure() {
    return failures.values().stream().findFirst();
  }

  /**
   * @throws RecountException what went wrong if all views failed, else BATCH_FAILED
   */
  void requireNoneFailed() {
    List<RunView> all = views();
    List<RunView> failed =
        all.stream().filter(view -> view.status().equals(RunView.FAILED)).toList();
    if (failed.isEmpty()) {
      return;
    }
    Throwable first = firstFailure().orElseThrow();
    if (failed.size() == all.size() && first instanceof RecountException known) {
      throw known;
    }
    throw RecountException.of(
        ErrorCode.BATCH_FAILED,
        first,
        "Cannot publish %s of %s views: %s%s",
        failed.size(),
        all.size(),
        failed.stream()
            .map(view -> view.name() + ": " + view.error())
            .collect(Collectors.joining("; ")),
        failed.size() == all.size() ? "" : "; the others are published");
  }

  synchronized List<RunView> views() {
    return new ArrayList<>(views.values());
  }

  /** The views all of whose versions are published. */
  synchronized List<String> done() {
    return views.values().stream()
        .map(RunView::view)
        .distinct()
        .filter(
            name ->
                views.values().stream()
                    .filter(view -> view.view().equals(name))
                    .allMatch(view -> view.status().equals(RunView.PUBLISHED)))
        .toList();
  }

  private void beat() {
    if (!catalog.runs().beat(row(BatchRun.RUNNING, null, null))) {
      stop.request(
          StopSignal.Kind.LOST,
          "another process took it for dead, because it had been silent for too long");
      return;
    }
    catalog
        .runs()
        .cancelReason(runId)
        .ifPresent(reason -> stop.request(StopSignal.Kind.CANCELLED, reason));
  }

  private synchronized RunBeat row(String status, String code, String error) {
    boolean isRunning = status.equals(BatchRun.RUNNING);
    Optional<Progress.State> state = isRunning ? progress.state() : Optional.empty();
    return new RunBeat(
        runId,
        status,
        isRunning ? null : clock.millis(),
        pick == null ? null : pick.cut().boundaryMs(),
        events,
        pick == null ? null : Json.write(pick.positions()),
        views.values().stream().filter(v -> v.rows() != null).mapToLong(RunView::rows).sum(),
        Json.write(views.values()),
        steps.current(),
        state.map(Progress.State::done).orElse(null),
        state.map(Progress.State::total).filter(total -> total >= 0).orElse(null),
        state.map(Progress.State::unit).orElse(null),
        state.map(Progress.State::seconds).orElse(null),
        Json.write(steps.seconds()),
        costs.cpuSeconds(),
        costs.bytesRead(),
        costs.bytesWritten(),
        RunCosts.peakMemoryBytes(),
        code,
        error);
  }

  /**
   * Notes how the run ended; nothing is noted after that. Waits if the catalog is away.
   *
   * @param error null if it succeeded
   * @return whether it was noted: not if another process took the run for dead
   */
  boolean end(String status, Throwable error, String text) {
    beats.close();
    return catalog.patient(PATIENCE).runs().beat(row(status, code(error), text));
  }

  /** A full disk is named as what it is, whatever step met it. */
  private static String code(Throwable error) {
    if (error == null) {
      return null;
    }
    ErrorCode otherwise =
        error instanceof RecountException known ? known.code() : ErrorCode.INTERNAL;
    return (FileErrors.isFull(error) ? ErrorCode.DISK_FULL : otherwise).name();
  }

  /** In our own words, if a cause has them: Spark repeats a task's failure with all its stack. */
  static String text(Throwable cause) {
    for (Throwable e = cause; e != null; e = e.getCause()) {
      if (e instanceof RecountException known) {
        return known.getMessage();
      }
    }
    String message = cause.getMessage();
    return message == null
        ? cause.toString()
        : message.lines().findFirst().orElse(cause.toString());
  }

  @Override
  public void close() {
    beats.close();
  }
}
