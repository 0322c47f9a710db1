package dev.recount.core.catalog;

import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Which views are due. At most one request of a view is pending, beside one that a run has taken.
 */
public final class RequestCatalog {
  private static final String SELECT =
      """
      SELECT request_id, view_name, mode, origin, attempt,
      CAST(EXTRACT(EPOCH FROM not_before) * 1000 AS BIGINT) AS not_before_ms, run_id
      FROM run_request""";
  private static final String ORDER = " ORDER BY not_before, view_name";

  /** The longest pause before another attempt, as a multiple of the first: 2 to this power. */
  private static final int MOST_DOUBLINGS = 6;

  private final Sql sql;

  RequestCatalog(Sql sql) {
    this.sql = sql;
  }

  /**
   * Asks for a run of a view. A request that is pending already covers it: full wins over
   * incremental, and by hand it is due at once.
   *
   * @return whether there was none pending
   */
  public boolean add(String view, String mode, String origin) {
    boolean[] isNew = new boolean[1];
    together(s -> isNew[0] = add(s, view, mode, origin));
    return isNew[0];
  }

  private void together(Consumer<Sql.Statements> asking) {
    again(() -> sql.together(asking));
  }

  /** Does something that asks for a run, until nobody else asks at the same time. */
  static void again(Runnable asking) {
    while (true) {
      try {
        asking.run();
        return;
      } catch (RecountException e) {
        if (!Sql.isDuplicate(e)) {
          throw e;
        }
        // Another asked in between; and a run may take that one before it is merged with.
      }
    }
  }

  /**
   * Does the same as a part of something larger.
   *
   * @throws RecountException of a duplicate key if another asks at the same time
   */
  static boolean add(Sql.Statements s, String view, String mode, String origin) {
    Map<String, ?> values =
        Map.of("id", UUID.randomUUID().toString(), "view", view, "mode", mode, "origin", origin);
    int merged =
        s.update(
            """
            UPDATE run_request SET mode = CASE WHEN :mode = 'full' THEN :mode ELSE mode END,
            origin = CASE WHEN :origin = 'hand' THEN :origin ELSE origin END,
            not_before = CASE WHEN :origin = 'hand' THEN CURRENT_TIMESTAMP ELSE not_before END
            WHERE pending_view = :view""",
            values);
    if (merged == 0) {
      s.update(
          """
          INSERT INTO run_request
          (request_id, view_name, pending_view, mode, origin, attempt, not_before)
          VALUES (:id, :view, :view, :mode, :origin, 0, CURRENT_TIMESTAMP)""",
          values);
    }
    return merged == 0;
  }

  /** All requests, those of a running run too, the first due first. */
  public List<RunRequest> all() {
    return sql.list(RunRequest.class, SELECT + ORDER, Map.of());
  }

  /** What no run has taken, whether it is due yet or not, the first due first. */
  public List<RunRequest> pending() {
    return sql.list(RunRequest.class, SELECT + " WHERE run_id IS NULL" + ORDER, Map.of());
  }

  /** What no run has taken and is due now, the first due first. */
  public List<RunRequest> due() {
    return sql.list(
        RunRequest.class,
        SELECT + " WHERE run_id IS NULL AND not_before <= CURRENT_TIMESTAMP" + ORDER,
        Map.of());
  }

  /** What a run has taken, by view. */
  public List<RunRequest> ofRun(String runId) {
    return sql.list(
        RunRequest.class, SELECT + " WHERE run_id = :run ORDER BY view_name", Map.of("run", runId));
  }

  /** Notes that a run covers requests; one of which more is asked by now stays pending. */
  public void take(String runId, Collection<RunRequest> requests) {
    sql.together(
        s -> {
          for (RunRequest request : requests) {
            s.update(
                """
                UPDATE run_request SET run_id = :run, pending_view = NULL
                WHERE request_id = :id AND run_id IS NULL AND mode = :mode""",
                Map.of("run", runId, "id", request.requestId(), "mode", request.mode()));
          }
        });
  }

  /** Removes what a run has taken and done. */
  public void done(String runId, Collection<String> views) {
    sql.together(
        s -> {
          for (String view : views) {
            s.update(
                "DELETE FROM run_request WHERE run_id = :run AND view_name = :view",
                Map.of("run", runId, "view", view));
          }
        });
  }

  /** Removes what is pending of a view: nobody wants it any more. */
  public void drop(String view) {
    sql.update("DELETE FROM run_request WHERE pending_view = :view", Map.of("view", view));
  }

  /**
   * Gives back what a run has taken and not done: due again after a pause that doubles with each
   * attempt, or dropped if there were too many.
   *
   * @param retries how often a request is tried again after its first failure
   * @return those that were dropped
   */
  public List<RunRequest> giveBack(String runId, int retries, Duration firstPause) {
    List<RunRequest> dropped = new ArrayList<>();
    together(
        s -> {
          dropped.clear();
          for (RunRequest request : ofRun(s, runId)) {
            if (request.attempt() >= retries) {
              giveUp(s, request);
              dropped.add(request);
            } else {
              int attempt = request.attempt() + 1;
              long pause = firstPause.toSeconds() << Math.min(request.attempt(), MOST_DOUBLINGS);
              giveBack(s, request, RunRequest.RETRY, attempt, pause);
            }
          }
        });
    return dropped;
  }

  /** Removes what a run has taken and nobody is to do any more. */
  public void giveUp(String runId) {
    sql.together(s -> ofRun(s, runId).forEach(request -> giveUp(s, request)));
  }

  /** Gives back what a run has taken and was kept from doing: due at once, as it was before. */
  public void giveBackUntried(String runId) {
    together(
        s ->
            ofRun(s, runId)
                .forEach(request -> giveBack(s, request, request.origin(), request.attempt(), 0)));
  }

  /** Gives back what a run has taken and left out: due after a pause, as it was before. */
  public void giveBackLater(String runId, Duration pause) {
    together(
        s ->
            ofRun(s, runId)
                .forEach(
                    request ->
                        giveBack(
                            s, request, request.origin(), request.attempt(), pause.toSeconds())));
  }

  /** Gives back what runs have taken that are not under way any more; see {@link #giveBack}. */
  List<RunRequest> giveBackLost(int retries, Duration firstPause) {
    return sql
        .list(
            String.class,
            """
            SELECT DISTINCT run_id FROM run_request WHERE run_id IS NOT NULL AND run_id NOT IN
            (SELECT run_id FROM batch_run WHERE status = 'RUNNING')""",
            Map.of())
        .stream()
        .flatMap(run -> giveBack(run, retries, firstPause).stream())
        .toList();
  }

  private static List<RunRequest> ofRun(Sql.Statements s, String runId) {
    return s.list(
        RunRequest.class, SELECT + " WHERE run_id = :run ORDER BY view_name", Map.of("run", runId));
  }

  private static void giveBack(
      Sql.Statements s, RunRequest request, String origin, int attempt, long pauseSeconds) {
    Map<String, ?> values =
        Map.of(
            "id", request.requestId(),
            "run", request.runId(),
            "view", request.viewName(),
            "mode", request.mode(),
            "origin", origin,
            "attempt", attempt,
            "seconds", pauseSeconds);
    // One that was added meanwhile waits with it, unless a person asked.
    int merged =
        s.update(
            """
            UPDATE run_request SET mode = CASE WHEN :mode = 'full' THEN :mode ELSE mode END,
            attempt = CASE WHEN origin = 'hand' THEN attempt ELSE :attempt END,
            not_before = CASE WHEN origin = 'hand' THEN not_before
              ELSE CURRENT_TIMESTAMP + CAST(:seconds AS BIGINT) * INTERVAL '1' SECOND END,
            origin = CASE WHEN origin = 'hand' THEN origin ELSE :origin END
            WHERE pending_view = :view""",
            values);
    if (merged == 1) {
      remove(s, request);
      return;
    }
    s.update(
        """
        UPDATE run_request SET run_id = NULL, pending_view = view_name, origin = :origin,
        attempt = :attempt,
        not_before = CURRENT_TIMESTAMP + CAST(:seconds AS BIGINT) * INTERVAL '1' SECOND
        WHERE request_id = :id AND run_id = :run""",
        values);
  }

  /** If the full run is not made, the next time that the view is due asks for one. */
  private static void giveUp(Sql.Statements s, RunRequest request) {
    remove(s, request);
    if (request.mode().equals(RunRequest.FULL)) {
      s.update(
          "UPDATE view_schedule SET full_due_ms = NULL WHERE view_name = :view",
          Map.of("view", request.viewName()));
    }
  }

  private static void remove(Sql.Statements s, RunRequest request) {
    s.update(
        "DELETE FROM run_request WHERE request_id = :id AND run_id = :run",
        Map.of("id", request.requestId(), "run", request.runId()));
  }
}
