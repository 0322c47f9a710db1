package dev.recount.core.catalog;

import dev.recount.core.Json;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Views, their versions, and which version readers see. */
public final class ViewCatalog {
  private static final String SELECT =
      """
      SELECT v.*, CAST(EXTRACT(EPOCH FROM v.noted) * 1000 AS BIGINT) AS applied_ms,
      CAST(EXTRACT(EPOCH FROM (v.promotable - v.noted)) * 1000 AS BIGINT) AS promotable_after_ms"""
          + Sql.AGE
          + "FROM view_version v ";
  private static final String ACTIVE =
      SELECT
          + """
          JOIN view_pointer p ON p.view_name = v.view_name AND p.version = v.version
          WHERE v.state = 'LIVE'""";
  private static final String ORDER = " ORDER BY v.view_name, v.version";

  /** {@code view@2}. */
  private static final Pattern NAME = Pattern.compile("([^@]+)@([1-9]\\d{0,8})");

  private final Sql sql;

  ViewCatalog(Sql sql) {
    this.sql = sql;
  }

  /** The number that the next version of a view gets: none is used twice. */
  public int nextVersion(String view) {
    return sql.first(
            Integer.class,
            "SELECT version FROM view_number WHERE view_name = :view",
            Map.of("view", view))
        .map(newest -> newest + 1)
        .orElse(1);
  }

  /**
   * Notes a version before the first of its tables is made, so that they are found again whatever
   * happens. No layer knows of it before it is {@link #live}.
   */
  public void begin(ViewPlan plan, long nowMs) {
    sql.together(s -> begin(s, plan, nowMs));
  }

  private static void begin(Sql.Statements s, ViewPlan plan, long nowMs) {
    Map<String, ?> values =
        Map.of(
            "view", plan.view(),
            "version", plan.version(),
            "event", plan.event(),
            "plan", Json.write(plan),
            "now", nowMs,
            "state", ViewVersion.MAKING);
    s.update(
        """
        INSERT INTO view_version (view_name, version, event, plan_json, created_ms, state)
        VALUES (:view, :version, :event, :plan, :now, :state)""",
        values);
    int numbered =
        s.update(
            """
            UPDATE view_number SET version = GREATEST(version, :version)
            WHERE view_name = :view""",
            values);
    if (numbered == 0) {
      s.update("INSERT INTO view_number (view_name, version) VALUES (:view, :version)", values);
    }
  }

  /**
   * Has a version be computed from now on; if its view has no other, readers see it at once. One
   * that is not being made stays as it is.
   */
  public void live(ViewPlan plan) {
    sql.together(s -> live(s, plan));
  }

  /** Does the same, and asks for its first run in the same step, so that none is left without. */
  public void liveAndDue(ViewPlan plan) {
    RequestCatalog.again(
        () ->
            sql.together(
                s -> {
                  live(s, plan);
                  RequestCatalog.add(s, plan.view(), RunRequest.INCREMENTAL, RunRequest.HAND);
                }));
  }

  private static void live(Sql.Statements s, ViewPlan plan) {
    Map<String, ?> values = Map.of("view", plan.view(), "version", plan.version());
    s.update(
        """
        UPDATE view_version SET state = 'LIVE', noted = CURRENT_TIMESTAMP
        WHERE view_name = :view AND version = :version AND state = 'MAKING'""",
        values);
    s.update(
        """
        INSERT INTO view_pointer (view_name, version) SELECT view_name, version FROM view_version
        WHERE view_name = :view AND version = :version AND state = 'LIVE'
        AND NOT EXISTS (SELECT 1 FROM view_pointer WHERE view_name = :view)""",
        values);
  }

  /** Adds a version whose tables are there. */
  public void add(ViewPlan plan, long nowMs) {
    sql.together(
        s -> {
          begin(s, plan, nowMs);
          live(s, plan);
        });
  }

  /** Replaces the plan of a version that is there; what it counts must be the same. */
  public void adjust(ViewPlan plan) {
    sql.update(
        "UPDATE view_version SET plan_json = :plan WHERE view_name = :view AND version = :version",
        Map.of("plan", Json.write(plan), "view", plan.view(), "version", plan.version()));
  }

  /** The version that readers see, or empty for an unknown view. */
  public Optional<ViewVersion> active(String view) {
    return sql.first(ViewVersion.class, ACTIVE + " AND v.view_name = :view", Map.of("view", view));
  }

  /** Of each view the version that readers see, by view. */
  public List<ViewVersion> active() {
    return sql.list(ViewVersion.class, ACTIVE + ORDER, Map.of());
  }

  /** A version as it is now; empty if there is none, or it is being made or dropped. */
  public Optional<ViewVersion> find(String view, int version) {
    return sql.first(
        ViewVersion.class,
        SELECT + "WHERE v.view_name = :view AND v.version = :version AND v.state = 'LIVE'",
        Map.of("view", view, "version", version));
  }

  /** What a reader means: {@code view} is the version that readers see, {@code view@2} that one. */
  public Optional<ViewVersion> named(String name) {
    Matcher one = NAME.matcher(name);
    return one.matches()
        ? find(one.group(1), Integer.parseInt(one.group(2)))
        : name.contains("@") ? Optional.empty() : active(name);
  }

  /** What can be meant by a name of a kind: of versions for {@code view@2}, else of views. */
  public List<String> namesLike(String name) {
    return all().stream()
        .map(name.contains("@") ? ViewVersion::name : ViewVersion::viewName)
        .distinct()
        .toList();
  }

  /** All versions of all views, by view and version; not those that are being made or dropped. */
  public List<ViewVersion> all() {
    return sql.list(ViewVersion.class, SELECT + "WHERE v.state = 'LIVE'" + ORDER, Map.of());
  }

  /** All versions of a view, the oldest first. */
  public List<ViewVersion> ofView(String view) {
    return sql.list(
        ViewVersion.class,
        SELECT + "WHERE v.state = 'LIVE' AND v.view_name = :view" + ORDER,
        Map.of("view", view));
  }

  /** The versions that are being made or dropped, or were when a process ended. */
  public List<ViewVersion> unfinished() {
    return sql.list(ViewVersion.class, SELECT + "WHERE v.state <> 'LIVE'" + ORDER, Map.of());
  }

  /** All versions of the views over an event: what the speed layer has to compute. */
  public List<ViewVersion> ofEvent(String event) {
    return all().stream().filter(v -> v.event().equals(event)).toList();
  }

  /**
   * Leads readers from one version of a view to another, in one step.
   *
   * @return false if they were not led to the first, or the other is none that can be asked
   */
  public boolean promote(String view, int from, int to) {
    boolean[] isDone = new boolean[1];
    sql.together(
        s -> {
          lockPointer(s, view);
          isDone[0] =
              s.update(
                      """
                      UPDATE view_pointer SET version = :to WHERE view_name = :view
                      AND version = :from AND EXISTS (SELECT 1 FROM view_version
                      WHERE view_name = :view AND version = :to AND state = 'LIVE')""",
                      Map.of("view", view, "from", from, "to", to))
                  == 1;
        });
    return isDone[0];
  }

  /** Promoting and dropping wait for each other: what one reads the other does not change. */
  private static void lockPointer(Sql.Statements s, String view) {
    s.update(
        "UPDATE view_pointer SET version = version WHERE view_name = :view", Map.of("view", view));
  }

  /**
   * Marks a version to be dropped: no layer begins anything with it from now on.
   *
   * @return false if readers see it, or there is none; true also if it was marked already
   */
  public boolean markDropped(String view, int version) {
    boolean[] isMarked = new boolean[1];
    sql.together(
        s -> {
          lockPointer(s, view);
          isMarked[0] =
              s.update(
                      """
                      UPDATE view_version SET state = 'DROPPING'
                      WHERE view_name = :view AND version = :version AND NOT EXISTS
                      (SELECT 1 FROM view_pointer WHERE view_name = :view AND version = :version)
                      """,
                      Map.of("view", view, "version", version))
                  == 1;
        });
    return isMarked[0];
  }

  /**
   * Marks all versions to be dropped that are being made: for the one who knows that no apply is
   * under way, so that they are what one has left that was ended.
   */
  public void markUnmadeDropped() {
    sql.update("UPDATE view_version SET state = 'DROPPING' WHERE state = 'MAKING'", Map.of());
  }

  /** Marks all versions of a view to be dropped: there is no such view from now on. */
  public void markDropped(String view) {
    sql.together(
        s -> {
          lockPointer(s, view);
          Map<String, ?> values = Map.of("view", view);
          s.update("UPDATE view_version SET state = 'DROPPING' WHERE view_name = :view", values);
          s.update("DELETE FROM view_pointer WHERE view_name = :view", values);
          s.update("DELETE FROM run_request WHERE pending_view = :view", values);
          s.update("DELETE FROM view_schedule WHERE view_name = :view", values);
        });
  }

  /** Forgets a version that was marked to be dropped, once all that was its own is gone. */
  public void forget(ViewVersion dropped) {
    sql.together(
        s -> {
          Map<String, ?> values =
              Map.of(
                  "view", dropped.viewName(),
                  "version", dropped.version(),
                  "table", dropped.table());
          s.update("DELETE FROM batch_publication WHERE table_name = :table", values);
          s.update("DELETE FROM full_run_due WHERE table_name = :table", values);
          s.update("DELETE FROM delta_progress WHERE table_name = :table", values);
          s.update("DELETE FROM audit_result WHERE table_name = :table", values);
          s.update(
              "DELETE FROM view_case_file WHERE view_name = :view AND version = :version", values);
          s.update(
              """
              DELETE FROM view_version
              WHERE view_name = :view AND version = :version AND state <> 'LIVE'""",
              values);
        });
  }

  /** Notes the first micro-batch of a version; a second call changes nothing. */
  public void beginSpeed(String view, int version, long chunk) {
    sql.update(
        """
        UPDATE view_version SET speed_first_chunk = :chunk
        WHERE view_name = :view AND version = :version AND speed_first_chunk IS NULL""",
        Map.of("chunk", chunk, "view", view, "version", version));
  }

  /**
   * Notes from which arrival on speed is whole, and so that a version which was set aside works
   * again; a second call changes nothing.
   */
  public void wholeSince(String view, int version, long sinceMs) {
    sql.together(
        s -> {
          s.update(
              """
              UPDATE view_version
              SET speed_since_ms = :since, speed_failure = NULL, speed_failed_ms = NULL
              WHERE view_name = :view AND version = :version AND speed_since_ms IS NULL""",
              Map.of("since", sinceMs, "view", view, "version", version));
          notePromotable(s, view, version);
        });
  }

  /** Notes when batch has first passed the start of speed; see {@link ViewVersion#isWhole}. */
  static void notePromotable(Sql.Statements s, String view, int version) {
    s.update(
        """
        UPDATE view_version SET promotable = CURRENT_TIMESTAMP
        WHERE view_name = :view AND version = :version AND promotable IS NULL
        AND (speed_since_ms = 0 OR speed_since_ms <= (SELECT MAX(cut_ms) FROM batch_publication
          WHERE view_name = :view AND version = :version AND status = 'SERVING'))""",
        Map.of("view", view, "version", version));
  }

  /**
   * Notes that speed computes a version no more, and why: what it holds of it is incomplete,
   * whatever it was before. It begins again as a new one does.
   */
  public void setAside(String view, int version, String failure, long nowMs) {
    sql.update(
        """
        UPDATE view_version SET speed_first_chunk = NULL, speed_since_ms = NULL,
        speed_failure = :failure, speed_failed_ms = COALESCE(speed_failed_ms, :now),
        speed_gap_ms = NULL WHERE view_name = :view AND version = :version""",
        Map.of("failure", failure, "now", nowMs, "view", view, "version", version));
  }

  /**
   * Notes that speed has lost its place in the log of an event: all versions over it begin as new
   * ones do, and what arrived until then is missing.
   *
   * @param countedUntilMs all that arrived before this was counted
   */
  public void placeLost(String event, long countedUntilMs) {
    sql.update(
        """
        UPDATE view_version SET speed_first_chunk = NULL, speed_since_ms = NULL,
        speed_gap_ms = CASE
          WHEN speed_since_ms IS NULL AND speed_gap_ms IS NULL THEN NULL
          -- A gap before this one that no batch has passed is a part of it.
          WHEN speed_gap_ms IS NOT NULL AND (speed_since_ms IS NULL OR speed_since_ms > COALESCE(
            (SELECT MAX(p.cut_ms) FROM batch_publication p WHERE p.status = 'SERVING'
            AND p.view_name = view_version.view_name AND p.version = view_version.version), 0))
          THEN speed_gap_ms ELSE :until END
        WHERE event = :event""",
        Map.of("event", event, "until", countedUntilMs));
  }
}
