package dev.recount.core.catalog;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Batch runs and what they published. */
public final class BatchCatalog {
  private final Jdbi jdbi;

  BatchCatalog(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** Writes a run, new or changed. */
  public void put(BatchRun run) {
    Sql.guard(
        () ->
            jdbi.inTransaction(
                h -> {
                  int updated =
                      h.createUpdate(
                              "UPDATE batch_run SET mode = :mode, status = :status,"
                                  + " process_id = :processId, started_ms = :startedMs,"
                                  + " finished_ms = :finishedMs, cut_ms = :cutMs,"
                                  + " events_read = :eventsRead, positions = :positions,"
                                  + " error = :error WHERE run_id = :runId")
                          .bindMethods(run)
                          .execute();
                  return updated > 0
                      ? updated
                      : h.createUpdate(
                              "INSERT INTO batch_run (run_id, mode, status, process_id,"
                                  + " started_ms, finished_ms, cut_ms, events_read, positions,"
                                  + " error) VALUES (:runId, :mode, :status, :processId,"
                                  + " :startedMs, :finishedMs, :cutMs, :eventsRead, :positions,"
                                  + " :error)")
                          .bindMethods(run)
                          .execute();
                }));
  }

  /** All runs, newest first. */
  public List<BatchRun> runs() {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery("SELECT * FROM batch_run ORDER BY started_ms DESC, run_id DESC")
                        .mapTo(BatchRun.class)
                        .list()));
  }

  /**
   * Writes a publication, new or changed; one that is SERVING makes the table's earlier ones
   * REPLACED in the same transaction.
   */
  public void put(Publication publication) {
    Sql.guard(
        () ->
            jdbi.inTransaction(
                h -> {
                  if (publication.status().equals(Publication.SERVING)) {
                    h.createUpdate(
                            "UPDATE batch_publication SET status = 'REPLACED'"
                                + " WHERE table_name = :table AND status = 'SERVING'")
                        .bind("table", publication.tableName())
                        .execute();
                  }
                  return upsert(h, publication);
                }));
  }

  private static int upsert(Handle h, Publication publication) {
    h.createUpdate("DELETE FROM batch_publication WHERE run_id = :run AND table_name = :table")
        .bind("run", publication.runId())
        .bind("table", publication.tableName())
        .execute();
    return h.createUpdate(
            "INSERT INTO batch_publication (run_id, table_name, view_name, version, status,"
                + " cut_ms, row_count, segments_json, segment_count, lineage_id, published_ms)"
                + " VALUES (:runId, :tableName, :viewName, :version, :status, :cutMs, :rowCount,"
                + " :segmentsJson, :segmentCount, :lineageId, :publishedMs)")
        .bindMethods(publication)
        .execute();
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
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "SELECT p.* FROM batch_publication p JOIN batch_run r"
                                + " ON r.run_id = p.run_id WHERE p.table_name = :table"
                                + " ORDER BY r.started_ms DESC, r.run_id DESC LIMIT :most")
                        .bind("table", table)
                        .bind("most", most)
                        .mapTo(Publication.class)
                        .list()));
  }

  /** The publication that readers see, as far as the catalog knows. */
  public Optional<Publication> serving(String table) {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery(
                            "SELECT * FROM batch_publication WHERE table_name = :table"
                                + " AND status = :serving")
                        .bind("table", table)
                        .bind("serving", Publication.SERVING)
                        .mapTo(Publication.class)
                        .findFirst()));
  }

  /** Asks the archive writer to finish its open files of an event. */
  public void requestRoll(String event, long nowMs) {
    Sql.guard(
        () ->
            jdbi.inTransaction(
                h -> {
                  h.createUpdate("DELETE FROM archive_roll WHERE event = :event")
                      .bind("event", event)
                      .execute();
                  return h.createUpdate("INSERT INTO archive_roll VALUES (:event, :now)")
                      .bind("event", event)
                      .bind("now", nowMs)
                      .execute();
                }));
  }

  /** When the newest roll of an event was asked for, milliseconds; 0 where never. */
  public long rollRequestedMs(String event) {
    return Sql.guard(
        () ->
            jdbi.withHandle(
                h ->
                    h.createQuery("SELECT requested_ms FROM archive_roll WHERE event = :event")
                        .bind("event", event)
                        .mapTo(Long.class)
                        .findOne()
                        .orElse(0L)));
  }
}
