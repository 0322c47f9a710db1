package dev.recount.batch.run;

import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Publication;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The parts of a publication that is to be served again. The rows of a run never change, so that a
 * part is kept if Pinot serves it now; of the others the segments are built again from the lake.
 *
 * @param kept those that are served now
 * @param built those whose segments are gone
 */
record RollbackParts(List<BatchPart> kept, List<BatchPart> built) {
  /**
   * @param serving what is served now; null if nothing is
   * @param segments those that Pinot serves
   */
  static RollbackParts of(Publication target, Publication serving, Collection<String> segments) {
    Set<String> served = new HashSet<>(segments);
    List<BatchPart> kept = new ArrayList<>();
    List<BatchPart> built = new ArrayList<>();
    for (BatchPart part : target.parts()) {
      Optional<BatchPart> found =
          serving == null
              ? Optional.empty()
              : serving.parts().stream()
                  .filter(p -> p.runId().equals(part.runId()))
                  .filter(p -> isServed(p, serving.tableName(), served))
                  .findFirst();
      found.ifPresentOrElse(kept::add, () -> built.add(part));
    }
    return new RollbackParts(List.copyOf(kept), List.copyOf(built));
  }

  private static boolean isServed(BatchPart part, String table, Set<String> served) {
    return served.stream().filter(name -> SegmentNames.isOf(name, table, part)).count()
        == part.segments();
  }

  long builtRows() {
    return built.stream().mapToLong(BatchPart::rows).sum();
  }

  long builtBytes() {
    return built.stream().mapToLong(BatchPart::bytes).sum();
  }

  int keptSegments() {
    return kept.stream().mapToInt(BatchPart::segments).sum();
  }
}
