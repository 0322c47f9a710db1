package dev.recount.core.catalog;

import dev.recount.core.Json;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Views, their versions, and which version readers see. */
public final class ViewCatalog {
  private final Sql sql;

  ViewCatalog(Sql sql) {
    this.sql = sql;
  }

  /** Adds a version; if it is the view's first, readers see it at once. */
  public void add(ViewPlan plan, long nowMs) {
    sql.together(
        s -> {
          s.update(
              """
              INSERT INTO view_version (view_name, version, event, plan_json, created_ms)
              VALUES (:view, :version, :event, :plan, :now)""",
              Map.of(
                  "view", plan.view(),
                  "version", plan.version(),
                  "event", plan.event(),
                  "plan", Json.write(plan),
                  "now", nowMs));
          s.update(
              """
              INSERT INTO view_pointer (view_name, version) SELECT :view, :version
              WHERE NOT EXISTS (SELECT 1 FROM view_pointer WHERE view_name = :view)""",
              Map.of("view", plan.view(), "version", plan.version()));
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
    return sql.first(
        ViewVersion.class,
        "SELECT v.*"
            + Sql.AGE
            + """
        FROM view_version v JOIN view_pointer p
        ON p.view_name = v.view_name AND p.version = v.version WHERE v.view_name = :view""",
        Map.of("view", view));
  }

  /** Of each view the version that readers see, by view. */
  public List<ViewVersion> active() {
    return sql.list(
        ViewVersion.class,
        "SELECT v.*"
            + Sql.AGE
            + """
        FROM view_version v JOIN view_pointer p
        ON p.view_name = v.view_name AND p.version = v.version ORDER BY v.view_name""",
        Map.of());
  }

  /** A version as it is now; empty if there is none. */
  public Optional<ViewVersion> find(String view, int version) {
    return sql.first(
        ViewVersion.class,
        "SELECT view_version.*"
            + Sql.AGE
            + "FROM view_version WHERE view_name = :view AND version = :version",
        Map.of("view", view, "version", version));
  }

  /** All versions of all views, by view and version. */
  public List<ViewVersion> all() {
    return sql.list(
        ViewVersion.class,
        "SELECT view_version.*" + Sql.AGE + "FROM view_version ORDER BY view_name, version",
        Map.of());
  }

  /** All versions of the views over an event: what the speed layer has to compute. */
  public List<ViewVersion> ofEvent(String event) {
    return all().stream().filter(v -> v.event().equals(event)).toList();
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
    sql.update(
        """
        UPDATE view_version
        SET speed_since_ms = :since, speed_failure = NULL, speed_failed_ms = NULL
        WHERE view_name = :view AND version = :version AND speed_since_ms IS NULL""",
        Map.of("since", sinceMs, "view", view, "version", version));
  }

  /**
   * Notes that speed computes a version no more, and why: what it holds of it is incomplete,
   * whatever it was before. It begins again as a new one does.
   */
  public void setAside(String view, int version, String failure, long nowMs) {
    sql.update(
        """
        UPDATE view_version SET speed_first_chunk = NULL, speed_since_ms = NULL,
        speed_failure = :failure, speed_failed_ms = COALESCE(speed_failed_ms, :now)
        WHERE view_name = :view AND version = :version""",
        Map.of("failure", failure, "now", nowMs, "view", view, "version", version));
  }
}
