package dev.recount.core.schedule;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.UnknownName;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.RunCatalog;
import dev.recount.core.catalog.RunFilter;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.catalog.ScheduleCatalog;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.view.ViewSchedule;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The schedules of views and the history of runs: what there is, and what people do with it. Doing
 * something twice, or two people at once, is as doing it once.
 */
public final class Schedules {
  /** How long its heart may stand still. */
  private static final Duration SILENCE = Duration.ofSeconds(10);

  /** A run and a backfill are under way at a time at most, so that one of these has ended. */
  private static final int NEWEST = 3;

  private final Catalog catalog;
  private final Clock clock;

  public Schedules(Catalog catalog, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /**
   * What an action did.
   *
   * @param changed whether it was not so already
   */
  public record Done(boolean changed, String message) {}

  /** Of all views, by name. */
  public List<ScheduleReport> list() {
    List<RunReport> running =
        catalog.runs().running().stream().filter(run -> !run.hasEnded()).toList();
    List<RunRequest> requests = catalog.requests().pending();
    List<ScheduleCatalog.State> states = catalog.schedules().all();
    Instant now = clock.instant();
    return catalog.views().active().stream()
        .map(view -> report(view, states, requests, running, now))
        .toList();
  }

  /**
   * Of one view.
   *
   * @throws RecountException VIEW_UNKNOWN
   */
  public ScheduleReport find(String view) {
    requireKnown(view);
    return list().stream().filter(report -> report.view().equals(view)).findFirst().orElseThrow();
  }

  private ScheduleReport report(
      ViewVersion version,
      List<ScheduleCatalog.State> states,
      List<RunRequest> requests,
      List<RunReport> running,
      Instant now) {
    String view = version.viewName();
    Optional<ScheduleCatalog.State> state =
        states.stream().filter(s -> s.viewName().equals(view)).findFirst();
    Header header = Header.of(version);
    boolean isPaused = state.filter(ScheduleCatalog.State::paused).isPresent();
    boolean isFollowed = header.hasCron() && !isPaused;
    return new ScheduleReport(
        view,
        header.problem() != null
            ? ScheduleReport.INVALID
            : isPaused
                ? ScheduleReport.PAUSED
                : header.hasCron() ? ScheduleReport.SCHEDULED : ScheduleReport.BY_HAND,
        version.plan().header().get(ViewSchedule.CRON),
        header.schedule().map(s -> s.zone().getId()).orElse(null),
        header.hasCron() ? header.schedule().orElseThrow().mode().text() : null,
        isFollowed ? header.schedule().flatMap(s -> s.next(now)).orElse(null) : null,
        state.map(ScheduleCatalog.State::dueMs).map(Instant::ofEpochMilli).orElse(null),
        version.plan().header().get(ViewSchedule.AUDIT),
        header
            .schedule()
            .flatMap(s -> Optional.ofNullable(s.auditCron()))
            .flatMap(cron -> cron.next(now))
            .orElse(null),
        requests.stream()
            .filter(r -> r.viewName().equals(view))
            .findFirst()
            .map(ScheduleReport.Pending::of)
            .orElse(null),
        running.stream()
            .filter(run -> run.views().stream().anyMatch(v -> v.view().equals(view)))
            .findFirst()
            .map(RunReport::runId)
            .orElse(null),
        catalog.runs().newest(view, NEWEST).stream()
            .filter(RunReport::hasEnded)
            .findFirst()
            .map(
                r ->
                    new ScheduleReport.LastRun(
                        r.runId(), r.status(), r.mode(), r.started(), r.finished(), error(r, view)))
            .orElse(null),
        header.problem());
  }

  /** Why a run did not do a view; what may name others, whom not everybody knows, is left out. */
  private static String error(RunReport run, String view) {
    return run.views().stream()
        .filter(v -> v.view().equals(view) && v.error() != null)
        .map(RunView::error)
        .findFirst()
        .or(() -> Optional.ofNullable(run.among(view::equals).error()))
        .orElse(run.errorCode());
  }

  /** A header that cannot be followed is no reason not to show the others. */
  private record Header(Optional<ViewSchedule> schedule, String problem) {
    static Header of(ViewVersion version) {
      try {
        return new Header(Optional.of(ViewSchedule.of(version.plan())), null);
      } catch (RecountException e) {
        return new Header(Optional.empty(), e.getMessage());
      }
    }

    boolean hasCron() {
      return schedule.filter(s -> s.cron() != null).isPresent();
    }
  }

  /**
   * The newest of some runs, newest first.
   *
   * @throws RecountException VIEW_UNKNOWN, NOT_FOUND if {@code before} is no run's name
   */
  public List<RunReport> history(RunFilter filter, int most) {
    if (filter.before() != null && !RunCatalog.isId(filter.before())) {
      throw RecountException.of(
          ErrorCode.NOT_FOUND,
          "Cannot list the runs before '%s': no run has such a name; take one that a list ends with",
          filter.before());
    }
    List<RunReport> runs = catalog.runs().newest(filter, most);
    if (runs.isEmpty() && filter.view() != null) {
      // A view that is gone may still have a history.
      requireKnown(filter.view());
    }
    return runs;
  }

  /**
   * A run.
   *
   * @throws RecountException NOT_FOUND
   */
  public RunReport run(String runId) {
    return catalog
        .runs()
        .find(runId)
        .orElseThrow(
            () ->
                RecountException.of(
                    ErrorCode.NOT_FOUND,
                    "Cannot find the run '%s': the history has none of that name; 'recount schedule"
                        + " history' lists them",
                    runId));
  }

  /**
   * Asks for a run of a view now, whether it has a schedule or not, and also while that is paused.
   *
   * @param mode {@link RunRequest#FULL} or {@link RunRequest#INCREMENTAL}
   * @throws RecountException VIEW_UNKNOWN
   */
  public Done trigger(String view, String mode) {
    requireKnown(view);
    boolean isNew = catalog.requests().add(view, mode, RunRequest.HAND);
    return new Done(
        isNew,
        (isNew
                ? "A run of view '" + view + "' is asked for"
                : "A run of view '" + view + "' was asked for already")
            + unfollowed());
  }

  /**
   * Has the schedule of a view rest until it is resumed; a run that is under way, or asked for,
   * goes on.
   *
   * @throws RecountException VIEW_UNKNOWN
   */
  public Done pause(String view) {
    requireKnown(view);
    boolean isNew = catalog.schedules().pause(view, true);
    return new Done(
        isNew, "The schedule of view '" + view + "' is paused" + (isNew ? "" : " already"));
  }

  /**
   * Has the schedule of a view go on, from now: what it would have done meanwhile is not made up
   * for.
   *
   * @throws RecountException VIEW_UNKNOWN
   */
  public Done resume(String view) {
    requireKnown(view);
    boolean isNew = catalog.schedules().pause(view, false);
    String next =
        Optional.ofNullable(find(view).next())
            .map(time -> ", next at " + time)
            .orElse("; it has no '@schedule', so it runs by hand only");
    return new Done(
        isNew,
        (isNew
                ? "The schedule of view '" + view + "' goes on"
                : "The schedule of view '" + view + "' was not paused")
            + next
            + unfollowed());
  }

  /**
   * Asks a run to end; the old answers stay.
   *
   * @param runId null for the one that is under way
   * @param by who asks
   * @throws RecountException NOT_FOUND; USAGE if none is named and several are under way
   */
  public Done cancel(String runId, String by) {
    Optional<RunReport> run = runId == null ? theOneUnderWay() : Optional.of(run(runId));
    if (run.isEmpty()) {
      return new Done(false, "No run is under way");
    }
    String id = run.get().runId();
    if (run.get().hasEnded()) {
      return new Done(false, "Run " + id + " has ended already: " + run.get().status());
    }
    boolean isAsked = run.get().cancelReason() != null;
    boolean isRunning = catalog.runs().cancel(id, "cancelled by " + by);
    return new Done(
        isRunning && !isAsked,
        isRunning
            ? "Run " + id + (isAsked ? " was asked to end already" : " is asked to end")
            : "Run " + id + " has just ended");
  }

  /** A backfill may be under way beside a run. */
  private Optional<RunReport> theOneUnderWay() {
    List<RunReport> running = catalog.runs().running().stream().filter(r -> !r.hasEnded()).toList();
    if (running.size() > 1) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot tell which run is to end: %s are under way; name one",
          running.stream()
              .map(r -> r.runId() + " (" + r.mode() + ")")
              .collect(Collectors.joining(", ")));
    }
    return running.stream().findFirst();
  }

  /** What is wrong with who follows the schedules; empty if nothing is. */
  public List<String> problems() {
    Optional<Heartbeat> leader = leader();
    if (leader.isEmpty()) {
      return List.of("no scheduler runs, so nothing runs by itself; 'recount up' starts it");
    }
    List<String> problems = new ArrayList<>();
    Json.read(leader.get().detailJson(), JsonNode.class)
        .path("problems")
        .forEach(problem -> problems.add(problem.asText()));
    return problems;
  }

  private Optional<Heartbeat> leader() {
    return catalog.services().heartbeats().stream()
        .filter(beat -> beat.service().equals(Standstill.SCHEDULER))
        .filter(beat -> beat.ageMs() <= SILENCE.toMillis())
        .findFirst();
  }

  private String unfollowed() {
    return leader().isPresent() ? "" : "; no scheduler runs now, 'recount up' starts it";
  }

  private void requireKnown(String view) {
    if (catalog.views().active(view).isEmpty()) {
      throw UnknownName.view(
          view, catalog.views().active().stream().map(ViewVersion::viewName).toList());
    }
  }
}
