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

  /**
   * How long the newest runs took that counted all and succeeded, in milliseconds, newest first.
   */
  public List<Long> newestTookMs(int most) {
    return sql.list(
        Long.class,
        """
        SELECT finished_ms - started_ms FROM batch_run
        WHERE status = 'SUCCEEDED' AND mode NOT IN ('rollback', 'backfill')
        ORDER BY started_ms DESC LIMIT :most""",
        Map.of("most", most));
  }

  /**
   * Writes a publication, new or changed; one that is SERVING makes the table's earlier ones
   * REPLACED in the same transaction, and counts among the view's runs of which one is to be full.
   * If it is a roll-back, it does not, but the view's schedule is paused, and what the schedule had
   * asked for is dropped: the next run would undo the roll-back.
   */
  public void put(Publication publication) {
    boolean isServing = publication.status().equals(Publication.SERVING);
    boolean pauses = isServing && publication.rolledBackTo() != null;
    if (pauses) {
      new ScheduleCatalog(sql).enter(publication.viewName());
    }
    sql.together(
        s -> {
          if (isServing && !pauses) {
            s.update(
                """
                UPDATE view_schedule
                SET since_full = CASE :mode WHEN 'full' THEN 0 WHEN 'backfill' THEN since_full
                ELSE since_full + 1 END
                WHERE view_name = :viewName AND EXISTS (SELECT 1 FROM view_pointer v
                WHERE v.view_name = :viewName AND v.version = :version)
                AND NOT EXISTS (SELECT 1 FROM batch_publication p WHERE p.run_id = :runId
                AND p.table_name = :tableName AND p.status = 'SERVING')""",
                publication);
          }
          if (isServing) {
            s.update(
                """
                UPDATE batch_publication SET status = 'REPLACED'
                WHERE table_name = :tableName AND status = 'SERVING'""",
                publication);
          }
          s.update(
              "DELETE FROM batch_publication WHERE run_id = :runId AND table_name = :tableName",
              publication);
          s.update(
              """
              INSERT INTO batch_publication (run_id, table_name, view_name, version, status, mode,
              cut_ms, row_count, segments_json, segment_count, parts_json, layout, lineage_id,
              published_ms, rolled_back_to, outdated)
              VALUES (:runId, :tableName, :viewName, :version, :status, :mode,
              :cutMs, :rowCount, :segmentsJson, :segmentCount, :partsJson, :layout, :lineageId,
              :publishedMs, :rolledBackTo, :outdated)""",
              publication);
          if (pauses) {
            Map<String, ?> view = Map.of("view", publication.viewName());
            s.update("UPDATE view_schedule SET paused = TRUE WHERE view_name = :view", view);
            s.update(
                "DELETE FROM run_request WHERE pending_view = :view AND origin <> 'hand'", view);
          }
          ViewCatalog.notePromotable(s, publication.viewName(), publication.version());
        });
  }

  /**
   * Drops the names of segments and parts of those publications of a table that nothing can be
   * served from any more.
   *
   * @param kept how many may be rolled back to
   */
  public void forgetNames(String table, int kept) {
    sql.update(
        """
        UPDATE batch_publication SET segments_json = '[]', parts_json = '[]'
        WHERE table_name = :table AND segments_json <> '[]'
        AND status IN ('REPLACED', 'FAILED') AND run_id < (SELECT MIN(run_id) FROM (
        SELECT run_id FROM batch_publication WHERE table_name = :table
        AND status IN ('SERVING', 'REPLACED') AND rolled_back_to IS NULL
        ORDER BY run_id DESC LIMIT :newest) AS newest)""",
        Map.of("table", table, "newest", Math.max(kept, NEWEST)));
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
   * The publications of a table that are kept, newest first: what is served, and the newest of
   * those that were served at some time. A roll-back that is served no more is not among them, for
   * what it served is the publication of another run.
   *
   * @param most how many beside a roll-back that is served
   */
  public List<Publication> kept(String table, int most) {
    return sql.list(
        Publication.class,
        """
        SELECT p.* FROM batch_publication p JOIN batch_run r ON r.run_id = p.run_id
        WHERE p.table_name = :table AND (p.status = 'SERVING' OR p.run_id IN (
          SELECT k.run_id FROM batch_publication k JOIN batch_run kr ON kr.run_id = k.run_id
          WHERE k.table_name = :table AND k.status IN ('SERVING', 'REPLACED')
          AND k.rolled_back_to IS NULL ORDER BY kr.started_ms DESC, kr.run_id DESC LIMIT :most))
        ORDER BY r.started_ms DESC, r.run_id DESC""",
        Map.of("table", table, "most", most));
  }

  /**
   * The earliest cut of the publications of a table that are kept.
   *
   * @param kept how many are
   */
  public Optional<Long> oldestCutMs(String table, int kept) {
    return kept(table, kept).stream().map(Publication::cutMs).min(Long::compare);
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

  /**
   * Takes back a demand that a run has met; one that came meanwhile stays. What was published
   * before that run must not be served again.
   */
  public void fullRunDone(FullRunDue met, String runId) {
    Map<String, ?> values =
        Map.of(
            "table", met.tableName(), "token", met.token(), "reason", met.reason(), "run", runId);
    sql.together(
        s -> {
          s.update("DELETE FROM full_run_due WHERE table_name = :table AND token = :token", values);
          s.update(
              """
              UPDATE batch_publication SET outdated = :reason
              WHERE table_name = :table AND run_id < :run AND outdated IS NULL""",
              values);
        });
  }

  /**
   * The runs whose folders on the lake are needed: those that parts of kept publications are in.
   *
   * @param kept how many publications are kept
   */
  public Set<String> keptRuns(String table, int kept) {
    Set<String> runs = new TreeSet<>();
    kept(table, kept)
        .forEach(
            p -> {
              runs.add(p.runId());
              p.parts().forEach(part -> runs.add(part.runId()));
            });
    return runs;
  }

  /** Asks the archive writer to finish its open files of an event. */
  public void requestRoll(String event) {
    Map<String, ?> values = Map.of("event", event);
    String again = "UPDATE archive_roll SET requests = requests + 1 WHERE event = :event";
    if (sql.updated(again, values) == 0
        && !sql.inserted("INSERT INTO archive_roll (event, requests) VALUES (:event, 1)", values)) {
      sql.update(again, values);
    }
  }

  /** A number that changes whenever a roll of an event is asked for; 0 if none ever was. */
  public long rollRequests(String event) {
    return sql.first(
            Long.class,
            "SELECT requests FROM archive_roll WHERE event = :event",
            Map.of("event", event))
        .orElse(0L);
  }
}
