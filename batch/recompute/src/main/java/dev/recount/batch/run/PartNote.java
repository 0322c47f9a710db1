package dev.recount.batch.run;

import dev.recount.core.catalog.BatchPart;
import java.time.Instant;
import java.util.List;

/**
 * What is written beside the rows of a run on the lake.
 *
 * @param from its rows are of what arrived from here on; null of a roll-back, which has none
 * @param folded the runs whose rows are merged into these
 * @param parts all runs whose rows made up the answer after this run, this one included
 * @param rolledBackTo the run whose answer it was then; null if the run was no roll-back
 */
record PartNote(
    String runId,
    String mode,
    Instant from,
    Instant cut,
    List<String> folded,
    List<String> parts,
    String rolledBackTo) {

  static List<String> runs(List<BatchPart> parts) {
    return parts.stream().map(BatchPart::runId).toList();
  }
}
