package dev.recount.serving.stream;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Writes server-sent events. JSON has no line breaks of its own, so each fits into one line. */
final class Events {
  /** A comment, which keeps a connection and says nothing. */
  static final byte[] NOTHING = ":\n\n".getBytes(StandardCharsets.UTF_8);

  private Events() {}

  /**
   * An event.
   *
   * @param id from which a subscriber goes on when it comes again; null leaves the last one as it
   *     is
   * @param data becomes JSON
   */
  static byte[] event(String name, String id, Object data) {
    return ("event: "
            + name
            + "\n"
            + (id == null ? "" : "id: " + id + "\n")
            + "data: "
            + Json.write(data)
            + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The whole answer.
   *
   * @param keys how many columns, from the first, say which group a row is of
   */
  record Whole(
      List<Answer.Column> columns, int keys, List<List<Object>> rows, Provenance provenance) {}

  /**
   * Groups that changed.
   *
   * @param run the batch run that counted them differently; left out if events changed them
   * @param rows with their new values
   * @param removed the keys of groups that are in the answer no more
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Changed(
      String run, List<List<Object>> rows, List<List<Object>> removed, Provenance provenance) {}

  /** Why there is no newer answer; it is asked for again. */
  record Problem(ErrorCode code, String message) {}

  /**
   * That nothing has changed, and up to when that holds.
   *
   * @param completeUntil everything that arrived before it is in the answer; null if it is not
   *     known
   * @param freshnessMs how long ago that was
   */
  record Freshness(Instant completeUntil, Long freshnessMs) {}

  /** How soon a subscriber comes again when its connection ends. */
  static byte[] retry(long ms) {
    return ("retry: " + ms + "\n\n").getBytes(StandardCharsets.UTF_8);
  }
}
