package dev.recount.serving.protocol;

import dev.recount.error.ErrorCode;
import dev.recount.error.ErrorKind;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.dialect.Values;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Answers in the form of Pinot's broker, and beside what it says what Recount knows of them. */
final class PinotBody {
  /** The field with what an answer is made of, of which Pinot's clients know nothing. */
  static final String PROVENANCE = "recount";

  private static final int SQL_PARSING = 150;
  private static final int TABLE_DOES_NOT_EXIST = 190;
  private static final int QUERY_EXECUTION = 200;
  private static final int EXECUTION_TIMEOUT = 250;
  private static final int SEGMENT_UNAVAILABLE = 305;
  private static final int INTERNAL = 450;
  private static final int QUERY_VALIDATION = 700;
  private static final int UNKNOWN_COLUMN = 710;

  private PinotBody() {}

  /** An answer. */
  static Map<String, Object> of(Values values, Provenance provenance, long timeUsedMs) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put(
        "resultTable",
        Map.of(
            "dataSchema",
            Map.of(
                "columnNames", values.columns().stream().map(c -> c.name()).toList(),
                "columnDataTypes",
                    values.columns().stream().map(c -> PinotTypes.of(c.type())).toList()),
            "rows",
            PinotTypes.rows(values.columns(), values.rows())));
    body.put("exceptions", List.of());
    statistics(body, 1, provenance, timeUsedMs);
    body.put("partialResult", provenance != null && !provenance.complete());
    if (provenance != null) {
      body.put(PROVENANCE, provenance);
    }
    return body;
  }

  /** A failure: no rows, and one exception with our code in its message. */
  static Map<String, Object> of(RecountException problem, long timeUsedMs) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put(
        "exceptions",
        List.of(
            Map.of(
                "errorCode",
                code(problem.code()),
                "message",
                problem.code() + ": " + problem.getMessage())));
    statistics(body, 0, null, timeUsedMs);
    body.put("partialResult", false);
    return body;
  }

  private static void statistics(
      Map<String, Object> body, int servers, Provenance provenance, long timeUsedMs) {
    Provenance.BatchPart batch = provenance == null ? null : provenance.batch();
    Provenance.SpeedPart speed = provenance == null ? null : provenance.speed();
    long rows = (batch == null ? 0 : batch.rows()) + (speed == null ? 0 : speed.rows());
    int segments = (batch == null ? 0 : batch.segments()) + (speed == null ? 0 : speed.segments());
    body.put("numServersQueried", servers);
    body.put("numServersResponded", servers);
    body.put("numSegmentsQueried", segments);
    body.put("numSegmentsProcessed", segments);
    body.put("numSegmentsMatched", segments);
    body.put("numConsumingSegmentsQueried", speed == null ? 0 : speed.segments());
    body.put("numDocsScanned", rows);
    body.put("numEntriesScannedInFilter", 0);
    body.put("numEntriesScannedPostFilter", 0);
    body.put("numGroupsLimitReached", false);
    body.put("totalDocs", rows);
    body.put("timeUsedMs", timeUsedMs);
    body.put(
        "minConsumingFreshnessTimeMs",
        speed == null || speed.completeUntil() == null ? 0 : speed.completeUntil().toEpochMilli());
    body.put("segmentStatistics", List.of());
    body.put("traceInfo", Map.of());
  }

  private static int code(ErrorCode code) {
    return switch (code) {
      case QUERY_SYNTAX, QUERY_NOT_SELECT -> SQL_PARSING;
      case VIEW_UNKNOWN -> TABLE_DOES_NOT_EXIST;
      case QUERY_COLUMN_UNKNOWN -> UNKNOWN_COLUMN;
      case QUERY_TIMEOUT -> EXECUTION_TIMEOUT;
      case ANSWER_INCOMPLETE -> SEGMENT_UNAVAILABLE;
      case INTERNAL -> INTERNAL;
      default -> code.kind() == ErrorKind.USER ? QUERY_VALIDATION : QUERY_EXECUTION;
    };
  }
}
