package dev.recount.core.catalog;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** What is known of the archive beside its files: their footers, and what was taken out of it. */
public final class ArchiveCatalog {
  /** A folder of files with what is known of it. */
  public record Folder(String folder, String content) {}

  private final Sql sql;

  ArchiveCatalog(Sql sql) {
    this.sql = sql;
  }

  /** The text that was kept for each folder of an event's files. */
  public Map<String, String> index(String event) {
    Map<String, String> texts = new HashMap<>();
    sql.list(
            Folder.class,
            "SELECT folder, content FROM archive_folder WHERE event = :event",
            Map.of("event", event))
        .forEach(row -> texts.put(row.folder(), row.content()));
    return texts;
  }

  /**
   * Keeps texts for folders, and forgets folders that are no more.
   *
   * @param all the folders that there are
   */
  public void putIndex(String event, Map<String, String> texts, Set<String> all) {
    sql.together(
        s -> {
          Set<String> gone =
              new HashSet<>(
                  s.list(
                      String.class,
                      "SELECT folder FROM archive_folder WHERE event = :event",
                      Map.of("event", event)));
          gone.removeAll(all);
          gone.addAll(texts.keySet());
          for (String folder : gone) {
            s.update(
                "DELETE FROM archive_folder WHERE event = :event AND folder = :folder",
                Map.of("event", event, "folder", folder));
          }
          texts.forEach(
              (folder, content) ->
                  s.update(
                      "INSERT INTO archive_folder VALUES (:event, :folder, :content)",
                      Map.of("event", event, "folder", folder, "content", content)));
        });
  }

  /** Notes that an erasure begins, before the first file is rewritten. */
  public long begin(Erasure erasure) {
    long[] number = {0};
    sql.together(
        s -> {
          s.update(
              """
              INSERT INTO archive_erasure (event, asked_by, started_ms, events, files, state)
              VALUES (:event, :askedBy, :startedMs, :events, :files, :state)""",
              erasure);
          number[0] =
              s.first(
                      Long.class,
                      "SELECT MAX(erasure_number) FROM archive_erasure WHERE event = :event",
                      Map.of("event", erasure.event()))
                  .orElseThrow();
        });
    return number[0];
  }

  /** Notes how far an erasure is. */
  public void change(long number, String state, long nowMs) {
    sql.update(
        """
        UPDATE archive_erasure SET state = :state, finished_ms = :now
        WHERE erasure_number = :number""",
        Map.of("number", number, "state", state, "now", nowMs));
  }

  /** Whether an erasure of an event is going on, or ended without a word. */
  public boolean isErasing(String event) {
    return sql.first(
            Long.class,
            """
            SELECT erasure_number FROM archive_erasure
            WHERE event = :event AND state = 'ERASING' LIMIT 1""",
            Map.of("event", event))
        .isPresent();
  }

  /**
   * Notes that of an event's erasures none is going on: for who alone may rewrite its files. One
   * that was going on has ended before its time.
   */
  public void noneIsErasing(String event, long nowMs) {
    sql.update(
        """
        UPDATE archive_erasure SET state = 'FAILED', finished_ms = :now
        WHERE event = :event AND state = 'ERASING'""",
        Map.of("event", event, "now", nowMs));
  }

  /** Notes that no file holds anything any more that was erased before. */
  public void allAreGone(String event) {
    sql.update(
        "UPDATE archive_erasure SET state = 'GONE' WHERE event = :event AND state = 'ERASED'",
        Map.of("event", event));
  }

  /** All erasures, the newest first. */
  public List<Erasure> erasures() {
    return sql.list(
        Erasure.class, "SELECT * FROM archive_erasure ORDER BY erasure_number DESC", Map.of());
  }

  /** Notes that no event which arrived before the moment is kept. */
  public void startsAt(String event, long startMs) {
    Map<String, ?> values = Map.of("event", event, "start", startMs);
    sql.together(
        s -> {
          s.update("DELETE FROM archive_start WHERE event = :event", values);
          s.update("INSERT INTO archive_start VALUES (:event, :start)", values);
        });
  }

  /** From which arrival on an event is kept; empty if it is from the beginning. */
  public OptionalLong start(String event) {
    return sql.first(
            Long.class,
            "SELECT start_ms FROM archive_start WHERE event = :event",
            Map.of("event", event))
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }
}
