package dev.recount.core.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.recount.core.Json;
import java.io.UncheckedIOException;
import java.util.List;
import org.jdbi.v3.core.mapper.reflect.JdbiConstructor;

/**
 * What readers of a table are served after a run: what the run counted itself, and in an
 * incremental run also parts that runs before it counted.
 *
 * <p>Two publications of a table that follow each other never have the same number of segments, so
 * that the number of segments in an answer tells which one it came from.
 *
 * @param status {@link #PUBLISHING} from before the swap begins, {@link #SERVING} once it is done,
 *     {@link #REPLACED} when the next one is serving, {@link #FAILED}
 * @param mode {@link RunRequest#FULL}, {@link RunRequest#INCREMENTAL}, {@link #ROLLBACK} or {@link
 *     BatchRun#BACKFILL}
 * @param rowCount rows of all parts, without the sentinel
 * @param segmentsJson the names of all segments, those of older parts included
 * @param partsJson {@link BatchPart}s, oldest first; none of a publication that is as old as this
 *     was not noted
 * @param layout a hash of what rows depend on beside the events; null if it is not known
 * @param lineageId the swap's id in Pinot; null before it began
 * @param rolledBackTo the run whose publication this one serves again; null if it is no roll-back
 * @param outdated why it must not be served again; null if it may be
 */
public record Publication(
    String runId,
    String tableName,
    String viewName,
    int version,
    String status,
    String mode,
    long cutMs,
    long rowCount,
    String segmentsJson,
    int segmentCount,
    String partsJson,
    String layout,
    String lineageId,
    Long publishedMs,
    String rolledBackTo,
    String outdated) {
  public static final String PUBLISHING = "PUBLISHING";
  public static final String SERVING = "SERVING";
  public static final String REPLACED = "REPLACED";
  public static final String FAILED = "FAILED";

  /** The mode of a run that serves again what an earlier one published. */
  public static final String ROLLBACK = "rollback";

  @JdbiConstructor
  public Publication {}

  /** One that a run has counted, in full or in part. */
  public Publication(
      String runId,
      String tableName,
      String viewName,
      int version,
      String status,
      String mode,
      long cutMs,
      long rowCount,
      String segmentsJson,
      int segmentCount,
      String partsJson,
      String layout,
      String lineageId,
      Long publishedMs) {
    this(
        runId,
        tableName,
        viewName,
        version,
        status,
        mode,
        cutMs,
        rowCount,
        segmentsJson,
        segmentCount,
        partsJson,
        layout,
        lineageId,
        publishedMs,
        null,
        null);
  }

  /** The names of all its segments. */
  public List<String> segments() {
    return read(segmentsJson, new TypeReference<List<String>>() {});
  }

  /** What it consists of, oldest first. */
  public List<BatchPart> parts() {
    return read(partsJson, new TypeReference<List<BatchPart>>() {});
  }

  /**
   * From which arrival on its rows were counted, milliseconds: what is older had left the archive.
   * 0 if nothing had, or if that was not noted, as of a publication without rows.
   */
  public long fromMs() {
    return parts().stream().mapToLong(BatchPart::fromMs).min().orElse(0);
  }

  /** How many bytes its rows take on the lake. */
  public long bytes() {
    return parts().stream().mapToLong(BatchPart::bytes).sum();
  }

  /** The run that counted what it serves: another than its own after a roll-back. */
  public String countedBy() {
    return rolledBackTo == null ? runId : rolledBackTo;
  }

  /** Whether readers were served from it, now or once. */
  public boolean wasServed() {
    return status.equals(SERVING) || status.equals(REPLACED);
  }

  private static <T> T read(String json, TypeReference<T> type) {
    try {
      return Json.MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same, as far as it has come. */
  public Publication with(String newStatus, String newLineageId, Long newPublishedMs) {
    return new Publication(
        runId,
        tableName,
        viewName,
        version,
        newStatus,
        mode,
        cutMs,
        rowCount,
        segmentsJson,
        segmentCount,
        partsJson,
        layout,
        newLineageId,
        newPublishedMs,
        rolledBackTo,
        outdated);
  }
}
