package dev.recount.core.catalog;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.HashMap;
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

  /**
   * The newest of some results, the last one first.
   *
   * @param view only those of it; null for all
   * @param before only those that were noted before this one; null for all
   * @throws RecountException NOT_FOUND if there is no such result, or no more
   */
  public List<AuditResult> newest(String view, String before, int most) {
    if (before != null) {
      requireThere(before);
    }
    Map<String, Object> values = new HashMap<>();
    values.put("view", view);
    values.put("before", before);
    values.put("most", most);
    String ofView = view == null ? "" : " AND view_name = :view";
    String older =
        before == null
            ? ""
            : """
               AND EXISTS (SELECT 1 FROM audit_result b WHERE b.audit_id = :before
              AND (audit_result.noted < b.noted
              OR audit_result.noted = b.noted AND audit_result.audit_id < b.audit_id))""";
    return sql.list(
        AuditResult.class, SELECT + " WHERE TRUE" + ofView + older + NEWEST_FIRST, values);
  }

  private void requireThere(String auditId) {
    if (sql.first(
            String.class,
            "SELECT audit_id FROM audit_result WHERE audit_id = :id",
            Map.of("id", auditId))
        .isEmpty()) {
      throw RecountException.of(
          ErrorCode.NOT_FOUND,
          "Cannot list the audits before '%s': there is none of that name, or no more (audit.history);"
              + " begin with the newest",
          auditId);
    }
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
