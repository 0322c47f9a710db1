package dev.recount.core.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What audits of views found, and how far the deltas of views are audited and dropped. */
public final class AuditCatalog {
  private static final String SELECT = "SELECT audit_result.*" + Sql.AGE + "FROM audit_result";
  private static final String NEWEST_FIRST = " ORDER BY noted DESC, audit_id DESC LIMIT :most";

  private final Sql sql;

  AuditCatalog(Sql sql) {
    this.sql = sql;
  }

  /** Writes a result; one of absorbed deltas that did not fail moves the view's progress on. */
  public void add(AuditResult result) {
    if (result.kind().equals(AuditResult.ABSORBED) && result.untilMs() != null) {
      requireProgress(result.tableName());
    }
    sql.together(
        s -> {
          s.update(
              """
              INSERT INTO audit_result (audit_id, view_name, version, table_name, kind, status,
              started_ms, finished_ms, from_ms, until_ms, group_count, differing, served, recounted,
              drift, left_out, error_code, cause)
              VALUES (:auditId, :viewName, :version, :tableName, :kind, :status,
              :startedMs, :finishedMs, :fromMs, :untilMs, :groupCount, :differing, :served,
              :recounted, :drift, :leftOut, :errorCode, :cause)""",
              result);
          if (result.kind().equals(AuditResult.ABSORBED)
              && !result.status().equals(AuditResult.FAILED)) {
            s.update(
                """
                UPDATE delta_progress SET audited_until_ms = :untilMs
                WHERE table_name = :tableName AND audited_until_ms < :untilMs""",
                result);
          }
        });
  }

  /** The newest results, the last one first. */
  public List<AuditResult> newest(int most) {
    return sql.list(AuditResult.class, SELECT + NEWEST_FIRST, Map.of("most", most));
  }

  /** The newest results of a view, the last one first. */
  public List<AuditResult> ofView(String view, int most) {
    return sql.list(
        AuditResult.class,
        SELECT + " WHERE view_name = :view" + NEWEST_FIRST,
        Map.of("view", view, "most", most));
  }

  /** The newest result of each kind of each view version, by view. */
  public List<AuditResult> lastOfEach() {
    return sql.list(
        AuditResult.class,
        SELECT
            + """
             WHERE audit_id IN (SELECT audit_id FROM (
            SELECT audit_id, ROW_NUMBER() OVER (
            PARTITION BY table_name, kind ORDER BY noted DESC, audit_id DESC) AS place
            FROM audit_result) AS placed WHERE place = 1)
            ORDER BY view_name, version, kind""",
        Map.of());
  }

  /** The newest result of a kind of a view version. */
  public Optional<AuditResult> last(String table, String kind) {
    return sql.first(
        AuditResult.class,
        SELECT + " WHERE table_name = :table AND kind = :kind" + NEWEST_FIRST,
        Map.of("table", table, "kind", kind, "most", 1));
  }

  /**
   * Forgets what is older.
   *
   * @return how many results
   */
  public int prune(Duration history) {
    int[] pruned = new int[1];
    sql.together(
        s ->
            pruned[0] =
                s.update(
                    """
                    DELETE FROM audit_result
                    WHERE CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP - noted)) * 1000 AS BIGINT)
                    > :history""",
                    Map.of("history", history.toMillis())));
    return pruned[0];
  }

  public DeltaProgress progress(String table) {
    return sql.first(
            DeltaProgress.class,
            "SELECT * FROM delta_progress WHERE table_name = :table",
            Map.of("table", table))
        .orElse(new DeltaProgress(table, 0, 0));
  }

  /** Notes that deltas of arrivals before a moment may be gone from now on. */
  public void dropping(String table, long untilMs) {
    requireProgress(table);
    sql.update(
        """
        UPDATE delta_progress SET dropped_until_ms = :until
        WHERE table_name = :table AND dropped_until_ms < :until""",
        Map.of("table", table, "until", untilMs));
  }

  private void requireProgress(String table) {
    sql.inserted(
        """
        INSERT INTO delta_progress (table_name, audited_until_ms, dropped_until_ms)
        SELECT :table, 0, 0
        WHERE NOT EXISTS (SELECT 1 FROM delta_progress WHERE table_name = :table)""",
        Map.of("table", table));
  }
}
