package dev.recount.batch.erase;

import dev.recount.batch.archive.ArchiveFile;
import dev.recount.batch.archive.ArchiveRewriter;
import dev.recount.batch.archive.StaleViews;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Erasure;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.spark.sql.SparkSession;

/** Removes events from the archive: rewrites the files that hold them, and no others. */
final class EventErasure {
  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final SparkSession spark;
  private final Consumer<ArchiveRewriter.Step> steps;

  /**
   * @param spark finds the events
   * @param steps told of each step after it is done
   */
  EventErasure(
      RecountConfig config,
      Catalog catalog,
      Clock clock,
      Progress progress,
      SparkSession spark,
      Consumer<ArchiveRewriter.Step> steps) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.spark = spark;
    this.steps = steps;
  }

  /**
   * Erases all archived events for which a condition is true.
   *
   * @param isMeant asked before anything is changed
   */
  ErasureReport erase(
      EventSchema event,
      String condition,
      String askedBy,
      Duration grace,
      Predicate<ErasureReport> isMeant) {
    try (ArchiveRewriter alone =
        ArchiveRewriter.await(config, catalog, event.name(), clock, steps, progress::say)) {
      List<ArchiveFile> files = alone.files();
      FoundEvents found = find(event, files, condition);
      ErasureReport report = report(event, found, files.size(), ErasureReport.FOUND, 0);
      if (!isMeant.test(report)) {
        return report;
      }
      if (found.events() > 0) {
        rewrite(alone, found, askedBy);
      }
      // Of an erasure that ended too early, too.
      ArchiveRewriter.Removal removal = alone.removeSuperseded(grace, true, progress::say);
      return report(
          event,
          found,
          files.size(),
          removal.left() == 0 ? Erasure.GONE : Erasure.ERASED,
          removal.left());
    }
  }

  private FoundEvents find(EventSchema event, List<ArchiveFile> files, String condition) {
    progress.say("Looking for the events in " + files.size() + " files ...");
    return FoundEvents.of(spark.newSession(), event, files, condition);
  }

  private void rewrite(ArchiveRewriter alone, FoundEvents found, String askedBy) {
    String event = alone.event();
    long number =
        catalog
            .archive()
            .begin(
                new Erasure(
                    0,
                    event,
                    askedBy,
                    clock.millis(),
                    null,
                    found.events(),
                    found.files(),
                    Erasure.ERASING));
    String reason = found.events() + " events of '" + event + "' were erased";
    StaleViews views = new StaleViews(catalog);
    // A run that begins from now on is full, but may list files that are yet to be rewritten.
    views.requireFull(event, reason);
    try (Progress.Step step = progress.step("erase " + event, "files", found.files())) {
      for (Map.Entry<ArchiveFile, long[]> file : found.offsets().entrySet()) {
        alone.replace(List.of(file.getKey()), file.getValue());
        step.advance(1);
      }
    } catch (RecountException e) {
      end(number, Erasure.FAILED, views, event, reason);
      throw e;
    }
    end(number, Erasure.ERASED, views, event, reason);
  }

  /** Who ends before the last step has it all done by the next one that rewrites files. */
  private void end(long number, String state, StaleViews views, String event, String reason) {
    views.requireFull(event, reason);
    views.requestFull(event);
    catalog.archive().change(number, state, clock.millis());
  }

  private ErasureReport report(
      EventSchema event, FoundEvents found, int allFiles, String state, int left) {
    Instant now = clock.instant();
    return new ErasureReport(
        event.name(),
        found.events(),
        found.files(),
        allFiles,
        state,
        left,
        event.keyFields().isEmpty() ? now.plus(config.events().retention()) : null,
        now.plus(config.speed().retention()),
        new StaleViews(catalog).of(event.name()));
  }
}
