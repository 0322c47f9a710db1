package dev.recount.core.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** What batch runs published, and what they are asked for. */
public final class BatchCatalog {
  /** Publications of a table that say of what they consist. */
  private static final int NEWEST = 30;

  private final Sql sql;

  BatchCatalog(Sql sql) {
    this.sql = sql;
  }

  /** How long the newest runs took that succeeded, in milliseconds, newest first. */
  public List<Long> newestTookMs(int most) {
    return sql.list(
        Long.class,
        """
        SELECT finished_ms - started_ms FROM batch_run WHERE status = 'SUCCEEDED'
        ORDER BY started_ms DESC LIMIT :most""",
        Map.of("most", most));
  }

  /**
   * Writes a publication, new or changed; one that is SERVING makes the table's earlier ones
   * REPLACED in the same transaction, and counts among the view's runs of which one is to be full.
   * Of those that nothing can be served from any more, the names of segments and parts are dropped.
   */
  public void put(Publication publication) {
    sql.together(
        s -> {
          if (publication.status().equals(Publication.SERVING)) {
            s.update(
                """
                UPDATE view_schedule
                SET since_full = CASE WHEN :mode = 'full' THEN 0 ELSE since_full + 1 END
                WHERE view_name = :viewName AND EXISTS (SELECT 1 FROM view_pointer v
                WHERE v.view_name = :viewName AND v.version = :version)
                AND NOT EXISTS (SELECT 1 FROM batch_publication p WHERE p.run_id = :runId
                AND p.table_name = :tableName AND p.status = 'SERVING')""",
                publication);
            s.update(
                """
                UPDATE batch_publication SET status = 'REPLACED'
                WHERE table_name = :tableName AND status = 'SERVING'""",
                publication);
            s.update(
                """
                UPDATE batch_publication SET segments_json = '[]', parts_json = '[]'
                WHERE table_name = :tableName AND segments_json <> '[]'
                AND status IN ('REPLACED', 'FAILED') AND run_id < (SELECT MIN(run_id) FROM (
                SELECT run_id FROM batch_publication WHERE table_name = :tableName
                AND status IN ('SERVING', 'REPLACED') ORDER BY run_id DESC LIMIT %d) AS newest)"""
                    .formatted(NEWEST),
                publication);
          }
          s.update(
              "DELETE FROM batch_publication WHERE run_id = :runId AND table_name = :tableName",
              publication);
          s.update(
              """
              INSERT INTO batch_publication (run_id, table_name, view_name, version, status, mode,
              cut_ms, row_count, segments_json, segment_count, parts_json, layout, lineage_id,
              published_ms)
              VALUES (:runId, :tableName, :viewName, :version, :status, :mode,
              :cutMs, :rowCount, :segmentsJson, :segmentCount, :partsJson, :layout, :lineageId,
              :publishedMs)""",
              publication);
        });
  }

  /** All publications of a table, newest run first. */
  public List<Publication> publications(String table) {
    return publications(table, Integer.MAX_VALUE);
  }

  /**
   * The publications of the newest runs of a table, newest first.
   *
   * @param most how many
   */
  public List<Publication> publications(String table, int most) {
    return sql.list(
        Publication.class,
        """
        SELECT p.* FROM batch_publication p JOIN batch_run r ON r.run_id = p.run_id
        WHERE p.table_name = :table ORDER BY r.started_ms DESC, r.run_id DESC LIMIT :most""",
        Map.of("table", table, "most", most));
  }

  /** What a run published, or began to, of a table. */
  public Optional<Publication> find(String runId, String table) {
    return sql.first(
        Publication.class,
        "SELECT * FROM batch_publication WHERE run_id = :run AND table_name = :table",
        Map.of("run", runId, "table", table));
  }

  /** The publications of a table that are served, or may be, now or again. */
  public List<Publication> usable(String table) {
    return sql.list(
        Publication.class,
        """
        SELECT * FROM batch_publication WHERE table_name = :table AND (
        status IN ('SERVING', 'PUBLISHING') OR status = 'REPLACED' AND segments_json <> '[]')""",
        Map.of("table", table));
  }

  /** Publications whose runs are not done with them, or ended before they were. */
  public List<Publication> publishing() {
    return sql.list(
        Publication.class, "SELECT * FROM batch_publication WHERE status = 'PUBLISHING'", Map.of());
  }

  /** The publication that readers see, as far as the catalog knows. */
  public Optional<Publication> serving(String table) {
    return sql.first(
        Publication.class,
        "SELECT * FROM batch_publication WHERE table_name = :table AND status = 'SERVING'",
        Map.of("table", table));
  }

  /**
   * The earliest cut of the newest publications of a table that were served at some time.
   *
   * @param kept of how many
   */
  public Optional<Long> oldestCutMs(String table, int kept) {
    return sql
        .list(
            Long.class,
            """
            SELECT p.cut_ms FROM batch_publication p JOIN batch_run r ON r.run_id = p.run_id
            WHERE p.table_name = :table AND p.status IN ('SERVING', 'REPLACED')
            ORDER BY r.started_ms DESC, r.run_id DESC LIMIT :kept""",
            Map.of("table", table, "kept", kept))
        .stream()
        .min(Long::compare);
  }

  /**
   * Has the next run of a table be full, whatever its mode: what was counted has to be counted
   * anew.
   */
  public void requireFull(String table, String reason) {
    Map<String, ?> values =
        Map.of("table", table, "reason", reason, "token", UUID.randomUUID().toString());
    sql.together(
        s -> {
          s.update("DELETE FROM full_run_due WHERE table_name = :table", values);
          s.update("INSERT INTO full_run_due VALUES (:table, :reason, :token)", values);
        });
  }

  /** Why the next run of a table must be full; empty if it need not. */
  public Optional<FullRunDue> fullRunDue(String table) {
    return sql.first(
        FullRunDue.class,
        "SELECT * FROM full_run_due WHERE table_name = :table",
        Map.of("table", table));
  }

  /** Takes back a demand that a run has met; one that came meanwhile stays. */
  public void fullRunDone(FullRunDue met) {
    sql.together(
        s ->
            s.update(
                "DELETE FROM full_run_due WHERE table_name = :tableName AND token = :token", met));
  }

  /**
   * The runs whose folders on the lake are needed: those that parts of the newest publications are
   * in.
   *
   * @param publications how many of those that were served, the one that is being served included
   */
  public Set<String> keptRuns(String table, int publications) {
    Set<String> runs = new TreeSet<>();
    sql.list(
            Publication.class,
            """
            SELECT p.* FROM batch_publication p JOIN batch_run r ON r.run_id = p.run_id
            WHERE p.table_name = :table AND p.status IN ('SERVING', 'REPLACED')
            ORDER BY r.started_ms DESC, r.run_id DESC LIMIT :kept""",
            Map.of("table", table, "kept", publications))
        .forEach(
            p -> {
              runs.add(p.runId());
              p.parts().forEach(part -> runs.add(part.runId()));
            });
    return runs;
  }

  /** Asks the archive writer to finish its open files of an event. */
  public void requestRoll(String event, long nowMs) {
    Map<String, ?> values = Map.of("event", event, "now", nowMs);
    sql.together(
        s -> {
          s.update("DELETE FROM archive_roll WHERE event = :event", values);
          s.update("INSERT INTO archive_roll VALUES (:event, :now)", values);
        });
  }

  /** When the newest roll of an event was asked for, milliseconds; 0 if never. */
  public long rollRequestedMs(String event) {
    return sql.first(
            Long.class,
            "SELECT requested_ms FROM archive_roll WHERE event = :event",
            Map.of("event", event))
        .orElse(0L);
  }
}
