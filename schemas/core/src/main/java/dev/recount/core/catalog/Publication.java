package dev.recount.core.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.recount.core.Json;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The segments that one run made for one table.
 *
 * <p>Two publications of a table that follow each other never have the same number of segments, so
 * that the number of segments in an answer tells which one it came from.
 *
 * @param status {@link #PUBLISHING} from before the swap begins, {@link #SERVING} once it is done,
 *     {@link #REPLACED} when the next one is serving, {@link #FAILED}
 * @param rowCount rows of the batch, without the sentinel
 * @param lineageId the swap's id in Pinot; null before it began
 */
public record Publication(
    String runId,
    String tableName,
    String viewName,
    int version,
    String status,
    long cutMs,
    long rowCount,
    String segmentsJson,
    int segmentCount,
    String lineageId,
    Long publishedMs) {
  public static final String PUBLISHING = "PUBLISHING";
  public static final String SERVING = "SERVING";
  public static final String REPLACED = "REPLACED";
  public static final String FAILED = "FAILED";

  public List<String> segments() {
    try {
      return Json.MAPPER.readValue(segmentsJson, new TypeReference<List<String>>() {});
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
