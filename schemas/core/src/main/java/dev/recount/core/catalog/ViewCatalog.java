package dev.recount.core.catalog;

import dev.recount.core.Json;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** Views, their versions, and which version readers see. */
public final class ViewCatalog {
  private final Jdbi jdbi;

  ViewCatalog(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Adds a version; where it is the view's first, readers see it at once. */
  public void add(ViewPlan plan, long nowMs) {
    Sql.guard(
        () ->
            jdbi.inTransaction(
                h -> {
                  h.createUpdate(
                          "INSERT INTO view_version"
                              + " (view_name, version, event, plan_json, created_ms)"
                              + " VALUES (:view, :version, :event, :plan, :now)")
                      .bind("view", plan.view())
                      .bind("version", plan.version())
                      .bind("event", plan.event())
                      .bind("plan", Json.write(plan))
                      .bind("now", nowMs)
                      .execute();
                  return h.createUpdate(
                          "INSERT INTO view_pointer (view_name, version)"
                              + " SELECT :view, :version WHERE NOT EXISTS"
                              + " (SELECT 1 FROM view_pointer WHERE view_name = :view)")
                      .bind("view", plan.view())
                      .bind("version", plan.version())
                      .execute();
                }));
  }

  /** Replaces the plan of a version that is there; what it counts must be the same. */
  public void adjust(ViewPlan plan) {
    Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createUpdate(
                            "UPDATE view_version SET plan_json = :plan"
                                + " WHERE view_name = :view AND version = :version")
                        .bind("plan", Json.write(plan))
                        .bind("view", plan.view())
                        .bind("version", plan.version())
                        .execute()));
  }

  /** The version that readers see, or empty for an unknown view. */
  public Optional<ViewVersion> active(String view) {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "SELECT v.* FROM view_version v JOIN view_pointer p"
                                + " ON p.view_name = v.view_name AND p.version = v.version"
                                + " WHERE v.view_name = :view")
                        .bind("view", view)
                        .mapTo(ViewVersion.class)
                        .findOne()));
  }

  /** A version as it is now; empty where there is none. */
  public Optional<ViewVersion> find(String view, int version) {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "SELECT * FROM view_version"
                                + " WHERE view_name = :view AND version = :version")
                        .bind("view", view)
                        .bind("version", version)
                        .mapTo(ViewVersion.class)
                        .findOne()));
  }

  /** All versions of all views, by view and version. */
  public List<ViewVersion> all() {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery("SELECT * FROM view_version ORDER BY view_name, version")
                        .mapTo(ViewVersion.class)
                        .list()));
  }

  /** All versions of the views over an event: what the speed layer has to compute. */
  public List<ViewVersion> ofEvent(String event) {
    return all().stream().filter(v -> v.event().equals(event)).toList();
  }

  /** Notes the first micro-batch of a version; a second call changes nothing. */
  public void beginSpeed(String view, int version, long chunk) {
    Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createUpdate(
                            "UPDATE view_version SET speed_first_chunk = :chunk"
                                + " WHERE view_name = :view AND version = :version"
                                + " AND speed_first_chunk IS NULL")
                        .bind("chunk", chunk)
                        .bind("view", view)
                        .bind("version", version)
                        .execute()));
  }

  /**
   * Notes from which arrival on speed is whole, and so that a version which was set aside works
   * again; a second call changes nothing.
   */
  public void wholeSince(String view, int version, long sinceMs) {
    Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createUpdate(
                            "UPDATE view_version SET speed_since_ms = :since,"
                                + " speed_failure = NULL, speed_failed_ms = NULL"
                                + " WHERE view_name = :view AND version = :version"
                                + " AND speed_since_ms IS NULL")
                        .bind("since", sinceMs)
                        .bind("view", view)
                        .bind("version", version)
                        .execute()));
  }

  /**
   * Notes that speed computes a version no more, and why: what it holds of it is not whole,
   * whatever it was before. It begins again as a new one does.
   */
  public void setAside(String view, int version, String failure, long nowMs) {
    Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createUpdate(
                            "UPDATE view_version SET speed_first_chunk = NULL,"
                                + " speed_since_ms = NULL, speed_failure = :failure,"
                                + " speed_failed_ms = COALESCE(speed_failed_ms, :now)"
                                + " WHERE view_name = :view AND version = :version")
                        .bind("failure", failure)
                        .bind("now", nowMs)
                        .bind("view", view)
                        .bind("version", version)
                        .execute()));
  }
}
