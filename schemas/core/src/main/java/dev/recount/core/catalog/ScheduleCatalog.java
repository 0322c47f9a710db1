package dev.recount.core.catalog;

import dev.recount.core.Json;
import dev.recount.core.view.ScheduledMode;
import dev.recount.error.RecountException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What is known of the schedules of views beside their headers. */
public final class ScheduleCatalog {
  private final Sql sql;

  ScheduleCatalog(Sql sql) {
    this.sql = sql;
  }

  /**
   * Of a view.
   *
   * @param dueMs the last time that it was due and asked for a run; null if it never was
   * @param fullDueMs the last of them that asked for a full run; null if none did, or that run was
   *     given up
   * @param sinceFull how many incremental runs of the view were published since the last full one
   */
  public record State(String viewName, boolean paused, Long dueMs, Long fullDueMs, int sinceFull) {
    private Instant fullDue() {
      return fullDueMs == null ? null : Instant.ofEpochMilli(fullDueMs);
    }
  }

  /**
   * A time at which a view is due.
   *
   * @param missed how many earlier times have passed without being fired; this one makes up for
   *     them
   * @param firstMissed the first of them; null if there are none
   */
  public record Due(String view, Instant at, int missed, Instant firstMissed) {}

  /** Of all views that were ever due or paused. */
  public List<State> all() {
    return sql.list(State.class, "SELECT * FROM view_schedule ORDER BY view_name", Map.of());
  }

  /** Empty of a view that was never due and never paused. */
  public Optional<State> find(String view) {
    return sql.first(
        State.class, "SELECT * FROM view_schedule WHERE view_name = :view", Map.of("view", view));
  }

  /**
   * Has a view's schedule rest, or go on.
   *
   * @return whether that was not so already
   */
  public boolean pause(String view, boolean paused) {
    enter(view);
    return sql.updated(
            """
            UPDATE view_schedule SET paused = :paused
            WHERE view_name = :view AND paused <> :paused""",
            Map.of("view", view, "paused", paused))
        == 1;
  }

  /** Forgets a view that is gone, and the run that it may be due for. */
  public void forget(String view) {
    sql.together(
        s -> {
          Map<String, ?> values = Map.of("view", view);
          s.update("DELETE FROM run_request WHERE pending_view = :view", values);
          s.update("DELETE FROM view_schedule WHERE view_name = :view", values);
        });
  }

  /** Makes sure that there is a row of a view. */
  void enter(String view) {
    if (find(view).isEmpty()) {
      sql.inserted("INSERT INTO view_schedule (view_name) VALUES (:view)", Map.of("view", view));
    }
  }

  /**
   * Asks for a run of a view that is due, and notes what was missed: once for each time, whoever
   * says so and however often. A view that is paused asks for nothing.
   *
   * @return whether this call did
   */
  public boolean due(Due due, ScheduledMode mode) {
    enter(due.view());
    try {
      return ask(due, mode);
    } catch (RecountException e) {
      if (!Sql.isDuplicate(e)) {
        throw e;
      }
      // Another has asked for the same view meanwhile: now there is one to add this one to.
      return ask(due, mode);
    }
  }

  private boolean ask(Due due, ScheduledMode mode) {
    boolean[] asked = new boolean[1];
    sql.together(
        s -> {
          State state =
              s.first(
                      State.class,
                      "SELECT * FROM view_schedule WHERE view_name = :view",
                      Map.of("view", due.view()))
                  .orElseThrow();
          boolean isFull = mode.isFull(state.fullDue(), sinceFull(s, state), due.at());
          asked[0] = note(s, due, isFull);
          if (asked[0]) {
            request(s, due, isFull);
            if (due.missed() > 0) {
              missed(s, due, isFull);
            }
          }
        });
    return asked[0];
  }

  /** Counts what is under way as if it were published already. */
  private static int sinceFull(Sql.Statements s, State state) {
    List<String> underWay =
        s.list(
            String.class,
            """
            SELECT mode FROM run_request WHERE view_name = :view AND run_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM batch_publication p WHERE p.run_id = run_request.run_id
            AND p.view_name = :view AND p.status IN ('SERVING', 'REPLACED'))""",
            Map.of("view", state.viewName()));
    return underWay.contains(RunRequest.FULL) ? 0 : state.sinceFull() + underWay.size();
  }

  private static boolean note(Sql.Statements s, Due due, boolean isFull) {
    return s.update(
            """
            UPDATE view_schedule SET due_ms = :due,
            full_due_ms = CASE WHEN :full THEN :due ELSE full_due_ms END
            WHERE view_name = :view AND NOT paused AND (due_ms IS NULL OR due_ms < :due
            -- Noted by a host whose clock was ahead.
            OR due_ms > CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT) + 60000)""",
            Map.of("view", due.view(), "due", due.at().toEpochMilli(), "full", isFull))
        == 1;
  }

  private static void request(Sql.Statements s, Due due, boolean isFull) {
    String origin = due.missed() > 0 ? RunRequest.MISSED : RunRequest.SCHEDULE;
    RequestCatalog.add(s, due.view(), mode(isFull), origin);
  }

  private static String mode(boolean isFull) {
    return isFull ? RunRequest.FULL : RunRequest.INCREMENTAL;
  }

  private static void missed(Sql.Statements s, Due due, boolean isFull) {
    Map<String, Object> values = new HashMap<>();
    // Several views may have missed the same moment.
    String id = RunCatalog.id(due.firstMissed().toEpochMilli()) + "-" + random();
    List<RunView> views = List.of(RunView.due(due.view(), null, mode(isFull)));
    values.put("id", id);
    values.put("mode", mode(isFull));
    values.put("first", due.firstMissed().toEpochMilli());
    values.put("at", due.at().toEpochMilli());
    values.put("views", Json.write(views));
    values.put(
        "error",
        due.missed()
            + (due.missed() == 1 ? " run" : " runs")
            + " of view '"
            + due.view()
            + "' since "
            + due.firstMissed()
            + (due.missed() == 1 ? " was" : " were")
            + " missed, because no scheduler ran in time; one run makes up for all");
    s.update(
        """
        INSERT INTO batch_run (run_id, mode, status, process_id, started_ms, finished_ms, origin,
        attempt, views_json, error)
        VALUES (:id, :mode, 'MISSED', 0, :first, :at, 'schedule', 0, :views, :error)""",
        values);
    RunCatalog.noteViews(s, id, views);
  }

  private static String random() {
    return UUID.randomUUID().toString().substring(0, 8);
  }
}
