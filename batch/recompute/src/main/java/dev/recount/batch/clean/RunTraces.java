package dev.recount.batch.clean;

import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunReport;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which runs' traces of a table stay. To be asked after the traces were listed: a run that left one
 * of them is known by then.
 */
final class RunTraces {
  private final Set<String> running;
  private final Set<String> kept;

  private RunTraces(Set<String> running, Set<String> kept) {
    this.running = running;
    this.kept = kept;
  }

  /**
   * @param served the segments that Pinot serves, which count whatever the catalog says
   */
  static RunTraces of(Catalog catalog, String table, Collection<String> served) {
    Set<String> running =
        catalog.runs().running().stream().map(RunReport::runId).collect(Collectors.toSet());
    return of(running, catalog.batch().usable(table), table, served);
  }

  static RunTraces of(
      Set<String> running,
      List<Publication> publications,
      String table,
      Collection<String> served) {
    Set<String> kept = new HashSet<>(running);
    served.forEach(segment -> SegmentNames.run(table, segment).ifPresent(kept::add));
    publications.stream()
        .filter(publication -> !publication.status().equals(Publication.FAILED))
        .forEach(
            publication -> {
              kept.add(publication.runId());
              // The rows of a part are in the folder of its run, whoever built its segments.
              publication.parts().forEach(part -> kept.add(part.runId()));
              publication
                  .segments()
                  .forEach(segment -> SegmentNames.run(table, segment).ifPresent(kept::add));
            });
    return new RunTraces(running, kept);
  }

  /** Whether a run's results are served, may be soon, or are kept. */
  boolean stay(String run) {
    return kept.contains(run);
  }

  boolean isRunning(String run) {
    return running.contains(run);
  }

  /** The run of a segment that is not needed; empty if it stays, or is none of ours. */
  Optional<String> left(String table, String segment) {
    return SegmentNames.run(table, segment).filter(run -> !stay(run));
  }
}
