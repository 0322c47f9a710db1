package dev.recount.core.catalog;

import dev.recount.core.Json;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The life of batch runs: how they begin, what they say of themselves, their history. */
public final class RunCatalog {
  private static final DateTimeFormatter ID =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  private static final Pattern NAMES = Pattern.compile("\\d{8}T\\d{9}(-[0-9a-f]+)?");

  private static final String SELECT = "SELECT batch_run.*" + Sql.AGE + "FROM batch_run ";
  private static final String NOW_MS =
      "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT)";
  private static final String SILENT =
      " AND CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP - noted)) * 1000 AS BIGINT) > :silence";

  private final Sql sql;

  RunCatalog(Sql sql) {
    this.sql = sql;
  }

  /** Whether runs have such names; those that were missed have some letters more. */
  public static boolean isId(String text) {
    return NAMES.matcher(text).matches();
  }

  /** The name of a run that began at a moment; names sort by time. */
  public static String id(long startedMs) {
    return ID.format(Instant.ofEpochMilli(startedMs));
  }

  /** The newest runs, newest first. */
  public List<RunReport> newest(int most) {
    return newest(RunFilter.ALL, most);
  }

  /** The newest runs over a view, newest first; also those that were missed. */
  public List<RunReport> newest(String view, int most) {
    return newest(RunFilter.ALL.ofView(view), most);
  }

  /** The newest of some runs, newest first; also those that were missed. */
  public List<RunReport> newest(RunFilter filter, int most) {
    Map<String, Object> values = filter.values();
    values.put("most", most);
    return sql
        .list(
            RunRow.class,
            SELECT + filter.condition() + " ORDER BY batch_run.run_id DESC LIMIT :most",
            values)
        .stream()
        .map(RunRow::report)
        .toList();
  }

  public Optional<RunReport> find(String runId) {
    return sql.first(RunRow.class, SELECT + "WHERE run_id = :run", Map.of("run", runId))
        .map(RunRow::report);
  }

  /** The runs that are under way as far as the catalog knows, also those that are silent. */
  public List<RunReport> running() {
    return runningRows().stream().map(RunRow::report).toList();
  }

  List<RunRow> runningRows() {
    return sql.list(
        RunRow.class, SELECT + "WHERE status = 'RUNNING' ORDER BY started_ms", Map.of());
  }

  /**
   * Notes that a run begins. It is later than all runs before it, whatever the clock of its host.
   *
   * @param startedMs by the clock of its host
   * @param origin who asked for it
   * @param attempt how many runs have failed what it covers
   * @return the run's id
   */
  public String begin(
      long startedMs,
      String mode,
      String origin,
      int attempt,
      String host,
      long processId,
      Collection<RunView> views) {
    Map<String, Object> values = new HashMap<>();
    values.put("mode", mode);
    values.put("status", BatchRun.RUNNING);
    values.put("origin", origin);
    values.put("attempt", attempt);
    values.put("host", host);
    values.put("processId", processId);
    values.put("views", Json.write(views));
    long newest =
        sql.first(
                Long.class,
                "SELECT started_ms FROM batch_run ORDER BY started_ms DESC LIMIT 1",
                Map.of())
            .orElse(0L);
    return insert(Math.max(startedMs, newest + 1), values, views);
  }

  /** The mode of a run over some views. */
  public static String mode(Collection<RunView> views) {
    List<String> modes = views.stream().map(RunView::mode).distinct().toList();
    return modes.size() == 1 ? modes.get(0) : modes.isEmpty() ? RunRequest.FULL : "mixed";
  }

  private String insert(long startedMs, Map<String, Object> values, Collection<RunView> views) {
    for (long ms = startedMs; ; ms++) {
      String id = id(ms);
      values.put("run", id);
      values.put("started", ms);
      try {
        sql.together(
            s -> {
              s.update(
                  """
                  INSERT INTO batch_run (run_id, mode, status, origin, attempt, host, process_id,
                  started_ms, views_json)
                  VALUES (:run, :mode, :status, :origin, :attempt, :host, :processId, :started,
                  :views)""",
                  values);
              noteViews(s, id, views);
            });
        return id;
      } catch (RecountException e) {
        if (!Sql.isDuplicate(e)) {
          throw e;
        }
      }
    }
  }

  /** Notes over which views a run is, so that it is found by them. */
  static void noteViews(Sql.Statements s, String runId, Collection<RunView> views) {
    for (String view : new TreeSet<>(views.stream().map(RunView::view).toList())) {
      s.update(
          "INSERT INTO batch_run_view (view_name, run_id) VALUES (:view, :run)",
          Map.of("view", view, "run", runId));
    }
  }

  /**
   * Writes what a run says of itself, unless it is known to have ended.
   *
   * @return whether it was written
   */
  public boolean beat(RunBeat beat) {
    boolean[] isWritten = {false};
    sql.together(
        s ->
            isWritten[0] =
                s.update(
                        """
                        UPDATE batch_run SET status = :status, finished_ms = :finishedMs,
                        cut_ms = :cutMs, events_read = :eventsRead, positions = :positions,
                        rows_written = :rowsWritten, views_json = :viewsJson, step = :step,
                        step_done = :stepDone, step_total = :stepTotal, step_unit = :stepUnit,
                        step_seconds = :stepSeconds,
                        seconds_json = :secondsJson, cpu_seconds = :cpuSeconds,
                        bytes_read = :bytesRead, bytes_written = :bytesWritten,
                        peak_memory_bytes = :peakMemoryBytes, error_code = :errorCode,
                        error = :error, noted = CURRENT_TIMESTAMP
                        WHERE run_id = :runId AND status = 'RUNNING'""",
                        beat)
                    == 1);
    return isWritten[0];
  }

  /**
   * Asks a run to end early; it keeps the old answers.
   *
   * @param reason who asks, and why
   * @return whether it was running
   */
  public boolean cancel(String runId, String reason) {
    return sql.updated(
            """
            UPDATE batch_run SET cancel_reason = COALESCE(cancel_reason, :reason)
            WHERE run_id = :run AND status = 'RUNNING'""",
            Map.of("run", runId, "reason", reason))
        == 1;
  }

  /** Why a run should end early; empty if nobody asked for that. */
  public Optional<String> cancelReason(String runId) {
    return sql.first(
        String.class,
        "SELECT cancel_reason FROM batch_run WHERE run_id = :run AND cancel_reason IS NOT NULL",
        Map.of("run", runId));
  }

  /**
   * Notes that a run is dead.
   *
   * @param silence only if it was silent for longer
   * @return whether it was running, and so silent
   */
  boolean failed(RunRow row, Duration silence) {
    return sql.updated(
            "UPDATE batch_run SET status = 'FAILED', error_code = 'BATCH_FAILED', error = :error,"
                + " finished_ms = "
                + NOW_MS
                + " WHERE run_id = :run AND status = 'RUNNING'"
                + SILENT,
            Map.of("run", row.runId(), "error", row.silent(), "silence", silence.toMillis()))
        == 1;
  }

  /**
   * Forgets runs that ended long ago, and what they published, except for what serves and for the
   * newest publications of each table.
   *
   * @param keep how long history is kept
   * @param publications how many of each table are kept whatever their age
   * @return the runs that were forgotten
   */
  public List<String> prune(Duration keep, int publications) {
    List<String> pruned = new ArrayList<>();
    Map<String, ?> old = Map.of("seconds", keep.toSeconds(), "kept", publications);
    String isOld =
        "noted < CURRENT_TIMESTAMP - CAST(:seconds AS BIGINT) * INTERVAL '1' SECOND"
            + " AND status <> 'RUNNING'";
    sql.together(
        s -> {
          s.update(
              """
              DELETE FROM batch_publication WHERE status IN ('REPLACED', 'FAILED')
              AND run_id IN (SELECT run_id FROM batch_run WHERE %s)
              AND (status = 'FAILED' OR rolled_back_to IS NOT NULL
                OR (SELECT COUNT(*) FROM batch_publication newer
                WHERE newer.table_name = batch_publication.table_name
                AND newer.status IN ('SERVING', 'REPLACED') AND newer.rolled_back_to IS NULL
                AND newer.run_id > batch_publication.run_id) >= :kept)"""
                  .formatted(isOld),
              old);
          pruned.addAll(
              s.list(
                  String.class,
                  """
                  SELECT run_id FROM batch_run WHERE %s AND NOT EXISTS
                  (SELECT 1 FROM batch_publication p WHERE p.run_id = batch_run.run_id)"""
                      .formatted(isOld),
                  Map.of("seconds", keep.toSeconds())));
          pruned.forEach(
              run -> s.update("DELETE FROM batch_run WHERE run_id = :run", Map.of("run", run)));
        });
    return pruned;
  }
}
