package dev.recount.batch.publish;

import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a run has made of a view, to be served.
 *
 * @param parts all that it consists of, oldest first: those that are served already, and the run's
 * @param kept the segments of those that are served already
 * @param made the segments of the run, sentinels included
 * @param rolledBackTo the run whose publication is served again; null if the run is no roll-back
 */
public record NewBatch(
    ViewPlan plan,
    String runId,
    String mode,
    String layout,
    Cut cut,
    List<BatchPart> parts,
    List<String> kept,
    List<BuiltSegment> made,
    String rolledBackTo) {

  /**
   * @param kept the parts of the publication before that stay
   * @param before null if none of them stay
   */
  public static List<String> segments(List<BatchPart> kept, Publication before) {
    return kept.isEmpty()
        ? List.of()
        : before.segments().stream()
            .filter(
                name ->
                    kept.stream()
                        .anyMatch(part -> SegmentNames.isOf(name, before.tableName(), part)))
            .toList();
  }

  /** How it is noted before Pinot is told of it. */
  Publication publication() {
    List<String> names =
        Stream.concat(kept.stream(), made.stream().map(BuiltSegment::name)).toList();
    return new Publication(
        runId,
        plan.table(),
        plan.view(),
        plan.version(),
        Publication.PUBLISHING,
        mode,
        cut.boundaryMs(),
        parts.stream().mapToLong(BatchPart::rows).sum(),
        Json.write(names),
        names.size(),
        Json.write(parts),
        layout,
        null,
        null,
        rolledBackTo,
        null);
  }
}
