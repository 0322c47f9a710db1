package dev.recount.batch.archive;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;

/** Makes few files of many, and removes what is too old to be kept. */
public final class ArchiveCompaction {
  /** Files of a day may be committed for some time after it. */
  private static final Duration LATE = Duration.ofHours(1);

  /**
   * How it is done.
   *
   * @param isDue whether what waiting may make better is left to another time: files of a day that
   *     is not over, an event that another process compacts, files that readers may hold
   * @param isDryRun whether it only says what it would do
   */
  public record Manner(boolean isDue, boolean isDryRun, Duration grace) {}

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final Consumer<ArchiveRewriter.Step> steps;

  /**
   * @param steps told of each step after it is done
   */
  public ArchiveCompaction(
      RecountConfig config,
      Catalog catalog,
      Clock clock,
      Progress progress,
      Consumer<ArchiveRewriter.Step> steps) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.steps = steps;
  }

  /**
   * Compacts the archive of an event.
   *
   * @throws RecountException BATCH_FAILED if another process took this one for dead
   */
  public CompactionReport compact(String event, Manner manner) {
    if (manner.isDryRun()) {
      List<ArchiveFile> files = Archive.open(config, catalog, event, new Configuration()).files();
      return report(event, files, List.of(), groups(files, manner), expired(files), manner);
    }
    Optional<ArchiveRewriter> rewriter =
        manner.isDue()
            ? ArchiveRewriter.begin(config, catalog, event, clock, steps)
            : Optional.of(
                ArchiveRewriter.await(config, catalog, event, clock, steps, progress::say));
    if (rewriter.isEmpty()) {
      return CompactionReport.leftToAnother(event);
    }
    try (ArchiveRewriter alone = rewriter.get()) {
      return compact(alone, manner);
    }
  }

  private CompactionReport compact(ArchiveRewriter alone, Manner manner) {
    List<ArchiveFile> before = alone.files();
    List<List<ArchiveFile>> expired = expired(before);
    if (!expired.isEmpty()) {
      // A run that has begun may count them still: noteStart asks for another one.
      new StaleViews(catalog).requireFull(alone.event(), tooOld(alone.event()));
      expired.forEach(alone::expire);
    }
    noteStart(alone, !expired.isEmpty());
    List<List<ArchiveFile>> groups = groups(alone.files(), manner);
    long bytes = groups.stream().flatMap(List::stream).mapToLong(ArchiveFile::sizeBytes).sum();
    if (!groups.isEmpty()) {
      try (Progress.Step step = progress.step("compact " + alone.event(), "bytes", bytes)) {
        for (List<ArchiveFile> group : groups) {
          alone.replace(group);
          step.advance(group.stream().mapToLong(ArchiveFile::sizeBytes).sum());
        }
      }
    }
    ArchiveRewriter.Removal removal =
        alone.removeSuperseded(manner.grace(), !manner.isDue(), progress::say);
    return report(alone.event(), before, alone.files(), groups, expired, manner).with(removal);
  }

  private static String tooOld(String event) {
    return "events of '" + event + "' became too old to be archived (archive.retention)";
  }

  /**
   * Notes where the archive begins, and has its views counted anew if it began earlier; also after
   * a process that ended before it did so.
   *
   * @param isLater whether something expired just now
   */
  private void noteStart(ArchiveRewriter alone, boolean isLater) {
    OptionalLong last =
        alone.files().stream()
            .filter(file -> file.expired() > 0)
            .mapToLong(ArchiveFile::maxArrivalMs)
            .max();
    if (last.isEmpty()) {
      return;
    }
    long startMs = last.getAsLong() + 1;
    OptionalLong noted = catalog.archive().start(alone.event());
    if (isLater || noted.isEmpty() || noted.getAsLong() != startMs) {
      new StaleViews(catalog).requireFull(alone.event(), tooOld(alone.event()));
      catalog.archive().startsAt(alone.event(), startMs);
    }
  }

  private List<List<ArchiveFile>> groups(List<ArchiveFile> files, Manner manner) {
    LocalDate openSince =
        manner.isDue() ? ArchiveLayout.date(clock.millis() - LATE.toMillis()) : LocalDate.MAX;
    return new CompactionRules(
            config.archive().compactionSizeBytes(), openSince, config.archive().compactionFiles())
        .groups(files);
  }

  /** For each partition the files at its beginning whose days are too old, if there are any. */
  private List<List<ArchiveFile>> expired(List<ArchiveFile> files) {
    Duration retention = config.archive().retention();
    if (retention.isZero()) {
      return List.of();
    }
    LocalDate keptSince =
        Instant.ofEpochMilli(clock.millis()).minus(retention).atZone(ZoneOffset.UTC).toLocalDate();
    List<List<ArchiveFile>> expired = new ArrayList<>();
    List<ArchiveFile> ofPartition = new ArrayList<>();
    boolean isBeginning = true;
    for (ArchiveFile file : files) {
      if (file.firstPosition() == 0) {
        close(ofPartition, expired);
        ofPartition = new ArrayList<>();
        isBeginning = true;
      }
      isBeginning &= file.date().isBefore(keptSince);
      if (isBeginning) {
        ofPartition.add(file);
      }
    }
    close(ofPartition, expired);
    return expired;
  }

  private static void close(List<ArchiveFile> ofPartition, List<List<ArchiveFile>> expired) {
    if (ofPartition.stream().anyMatch(file -> file.records() + file.rejected() > 0)) {
      expired.add(ofPartition);
    }
  }

  private static CompactionReport report(
      String event,
      List<ArchiveFile> before,
      List<ArchiveFile> after,
      List<List<ArchiveFile>> groups,
      List<List<ArchiveFile>> expired,
      Manner manner) {
    int merged = groups.stream().mapToInt(List::size).sum();
    int tooOld = expired.stream().mapToInt(List::size).sum();
    return new CompactionReport(
        event,
        before.size(),
        manner.isDryRun()
            ? before.size() - merged + groups.size() - tooOld + expired.size()
            : after.size(),
        merged,
        groups.size(),
        groups.stream().flatMap(List::stream).mapToLong(ArchiveFile::sizeBytes).sum(),
        expired.stream().flatMap(List::stream).mapToLong(ArchiveFile::records).sum(),
        0,
        0,
        manner.isDryRun() ? "dry run" : "");
  }
}
