package dev.recount.serving.diff;

import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.diff.VersionDiff;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * What one version has answered.
 *
 * @param groups a row for each group
 * @param totals one row of all groups
 */
record VersionAnswers(ViewVersion version, Answer groups, Answer totals) {
  private Stream<Provenance> provenances() {
    return Stream.of(groups, totals).map(Answer::provenance);
  }

  /** Whether the batch holds no later arrivals than were asked for. */
  boolean isWithin(long beforeMs) {
    return provenances()
        .map(Provenance::batch)
        .allMatch(batch -> batch == null || batch.cut().toEpochMilli() <= beforeMs);
  }

  boolean isComplete() {
    return provenances().allMatch(Provenance::complete);
  }

  List<String> warnings() {
    return provenances()
        .flatMap(provenance -> provenance.warnings().stream())
        .distinct()
        .map(warning -> "version " + version.version() + ": " + warning)
        .toList();
  }

  VersionDiff.Side side() {
    Provenance provenance = groups.provenance();
    Instant batchUntil = provenance.batch() == null ? null : provenance.batch().cut();
    Instant speedUntil = provenance.speed() == null ? null : provenance.speed().completeUntil();
    return new VersionDiff.Side(version.version(), version.plan().sql(), batchUntil, speedUntil);
  }
}
