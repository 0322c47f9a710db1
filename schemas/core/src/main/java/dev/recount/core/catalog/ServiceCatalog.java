package dev.recount.core.catalog;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/** What the long-running processes report. */
public final class ServiceCatalog {
  private static final String AGE =
      ", CAST(EXTRACT(EPOCH FROM (CURRENT_TIMESTAMP - noted)) * 1000 AS BIGINT) AS age_ms ";

  private final Jdbi jdbi;

  ServiceCatalog(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  public void beat(Heartbeat heartbeat) {
    Sql.guard(
        () ->
            jdbi.inTransaction(
                h -> {
                  h.createUpdate("DELETE FROM heartbeat WHERE service = :service")
                      .bindMethods(heartbeat)
                      .execute();
                  return h.createUpdate(
                          "INSERT INTO heartbeat (service, process_id, started_ms, beat_ms, detail_json) VALUES"
                              + " (:service, :processId, :startedMs, :beatMs, :detailJson)")
                      .bindMethods(heartbeat)
                      .execute();
                }));
  }

  /** All services, by name. */
  public List<Heartbeat> heartbeats() {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery("SELECT heartbeat.*" + AGE + "FROM heartbeat ORDER BY service")
                        .mapTo(Heartbeat.class)
                        .list()));
  }

  public void report(SpeedProgress progress) {
    Sql.guard(
        () ->
            jdbi.inTransaction(
                h -> {
                  h.createUpdate("DELETE FROM speed_progress WHERE event = :event")
                      .bindMethods(progress)
                      .execute();
                  return h.createUpdate(
                          "INSERT INTO speed_progress"
                              + " (event, generation, chunk, complete_until_ms, reported_ms) VALUES"
                              + " (:event, :generation, :chunk, :completeUntilMs, :reportedMs)")
                      .bindMethods(progress)
                      .execute();
                }));
  }

  public Optional<SpeedProgress> speedProgress(String event) {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "SELECT speed_progress.*"
                                + AGE
                                + "FROM speed_progress WHERE event = :event")
                        .bind("event", event)
                        .mapTo(SpeedProgress.class)
                        .findOne()));
  }
}
