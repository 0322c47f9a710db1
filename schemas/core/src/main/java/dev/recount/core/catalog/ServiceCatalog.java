package dev.recount.core.catalog;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the long-running processes report. */
public final class ServiceCatalog {
  private final Sql sql;

  ServiceCatalog(Sql sql) {
    this.sql = sql;
  }

  public void beat(Heartbeat heartbeat) {
    sql.together(
        s -> {
          s.update("DELETE FROM heartbeat WHERE service = :service", heartbeat);
          s.update(
              """
              INSERT INTO heartbeat (service, process_id, started_ms, beat_ms, detail_json)
              VALUES (:service, :processId, :startedMs, :beatMs, :detailJson)""",
              heartbeat);
        });
  }

  /** Removes what a process said that has ended as it should, or goes by another name now. */
  public void forget(String service, long processId) {
    sql.update(
        "DELETE FROM heartbeat WHERE service = :service AND process_id = :process",
        Map.of("service", service, "process", processId));
  }

  /** All services, by name. */
  public List<Heartbeat> heartbeats() {
    return sql.list(
        Heartbeat.class,
        "SELECT heartbeat.*" + Sql.AGE + "FROM heartbeat ORDER BY service",
        Map.of());
  }

  /**
   * Notes how far the speed layer is, unless another process has begun a new generation: then that
   * one says so.
   */
  public void report(SpeedProgress progress) {
    sql.together(
        s -> {
          Map<String, ?> setting = Map.of("name", EventCatalog.generationSetting(progress.event()));
          Optional<String> current =
              s.first(
                  String.class,
                  "SELECT setting_value FROM setting WHERE setting_name = :name",
                  setting);
          if (!current.orElse(progress.generation()).equals(progress.generation())) {
            return;
          }
          s.update("DELETE FROM speed_progress WHERE event = :event", progress);
          s.update(
              """
              INSERT INTO speed_progress (event, generation, chunk, complete_until_ms, reported_ms)
              VALUES (:event, :generation, :chunk, :completeUntilMs, :reportedMs)""",
              progress);
        });
  }

  public Optional<SpeedProgress> speedProgress(String event) {
    return sql.first(
        SpeedProgress.class,
        "SELECT speed_progress.*" + Sql.AGE + "FROM speed_progress WHERE event = :event",
        Map.of("event", event));
  }
}
