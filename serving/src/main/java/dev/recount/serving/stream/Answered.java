package dev.recount.serving.stream;

import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import java.util.List;

/**
 * An answer to a question to one view.
 *
 * @param keys how many of its columns, from the first, say which group a row is of
 */
record Answered(Answer answer, int keys) {
  /** What a row's group is known by. */
  List<Object> key(List<Object> row) {
    return row.subList(0, keys);
  }

  /** The batch run that took part; null if none did. */
  String run() {
    Provenance.BatchPart batch = answer.provenance().batch();
    return batch == null ? null : batch.runId();
  }
}
