package dev.recount.batch.run;

import dev.recount.batch.compute.ViewComputation;
import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.NewBatch;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentBuilder;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.batch.segment.SegmentSpec;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.row.SparkSessions;
import dev.recount.planner.table.PinotTables;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * The part of a roll-back after its run has begun: from what is kept of an earlier run to the
 * answers that are served.
 */
final class Rollback {
  private static final String NAME = "recount batch rollback";

  private final RecountConfig config;
  private final Catalog catalog;
  private final RunFolders folders;
  private final Publisher publisher;
  private final PinotTables tables;

  Rollback(RecountConfig config, Catalog catalog, RunFolders folders, Publisher publisher) {
    this.config = config;
    this.catalog = catalog;
    this.folders = folders;
    this.publisher = publisher;
    this.tables = new PinotTables(config);
  }

  /**
   * Serves again what a run published.
   *
   * @param target that
   * @param parts of it
   */
  RunSummary run(
      RunContext run, ViewPlan plan, Publication target, RollbackParts parts, WorkFolder folder) {
    return new Running(run, plan, target, folder).run(parts);
  }

  /** A roll-back with what it needs. */
  private final class Running {
    private final RunContext run;
    private final String runId;
    private final ViewPlan plan;
    private final Publication target;
    private final Cut cut;
    private final WorkFolder folder;

    Running(RunContext run, ViewPlan plan, Publication target, WorkFolder folder) {
      this.run = run;
      this.runId = run.record().runId();
      this.plan = plan;
      this.target = target;
      this.cut = new Cut(target.cutMs(), config.cut().grain());
      this.folder = folder;
    }

    RunSummary run(RollbackParts parts) {
      run.record().picked(new CutPicker.Pick(cut, Map.of()));
      run.record().read(0);
      Publication serving = catalog.batch().serving(plan.table()).orElse(null);
      List<BuiltSegment> made = new ArrayList<>();
      List<BatchPart> served = rebuilt(parts, made);
      List<String> kept = NewBatch.segments(parts.kept(), serving);
      int before = serving == null ? 0 : serving.segmentCount();
      SegmentSpec spec =
          SegmentSpec.of(
              plan,
              runId,
              tables.offlineTable(plan),
              tables.schema(plan),
              cut.batchArrivedMs(),
              folders.segments(plan.table(), runId).toString());
      made.addAll(
          new SegmentBuilder(spec, new Configuration(), folder.path().toFile())
              .buildSentinels(
                  plan, cut, SegmentNames.sentinels(kept.size() + made.size(), before)));
      describe(served);
      NewBatch batch =
          new NewBatch(
              plan,
              runId,
              Publication.ROLLBACK,
              target.layout(),
              cut,
              served,
              kept,
              made,
              target.runId());
      long bytes = made.stream().mapToLong(BuiltSegment::bytes).sum();
      Publication publication = run.steps().time("publish", () -> publish(batch, bytes));
      run.record().published(publication, bytes);
      run.stop().published();
      run.steps()
          .time(
              "tidy",
              () ->
                  new Tidying(config, catalog, folders, publisher).tidy(List.of(plan), run.log()));
      return summary(publication, bytes);
    }

    /**
     * Builds the segments that are gone.
     *
     * @return all parts of the target, as they are then served, oldest first
     */
    private List<BatchPart> rebuilt(RollbackParts parts, List<BuiltSegment> made) {
      Map<String, BatchPart> served = new HashMap<>();
      parts.kept().forEach(part -> served.put(part.runId(), part));
      if (!parts.built().isEmpty()) {
        SparkSession spark =
            run.steps()
                .time(
                    "start",
                    () -> SparkSessions.local(NAME, config.batch().threads(), folder.path()));
        try (Progress.Step step = run.progress().step("segments", "rows", parts.builtRows())) {
          run.stop().cancelsBy(() -> spark.sparkContext().cancelAllJobs());
          ViewComputation computation =
              new ViewComputation(spark, tables, folders, config.batch(), run.progress());
          for (BatchPart part : parts.built()) {
            Cut ofRows = new Cut(part.cutMs(), config.cut().grain());
            List<BuiltSegment> built =
                run.steps().time("segments", () -> computation.rebuild(plan, part, runId, ofRows));
            made.addAll(built);
            served.put(part.runId(), part.builtBy(runId, built.size()));
            step.advance(part.rows());
          }
        } finally {
          stop(spark);
        }
      }
      return target.parts().stream().map(part -> served.get(part.runId())).toList();
    }

    /** Spark that is interrupted while it stops is neither stopped nor usable afterwards. */
    private void stop(SparkSession spark) {
      boolean isInterrupted = Thread.interrupted();
      spark.stop();
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private void describe(List<BatchPart> parts) {
      folders.describe(
          plan.table(),
          runId,
          Json.write(
              new PartNote(
                  runId,
                  Publication.ROLLBACK,
                  null,
                  Instant.ofEpochMilli(cut.boundaryMs()),
                  List.of(),
                  PartNote.runs(parts),
                  target.runId())));
    }

    private Publication publish(NewBatch batch, long bytes) {
      try (Progress.Step step = run.progress().step("upload", "bytes", bytes)) {
        return publisher.publish(batch, segment -> step.advance(segment.bytes()));
      }
    }

    private RunSummary summary(Publication publication, long bytes) {
      return new RunSummary(
          runId,
          Instant.ofEpochMilli(cut.boundaryMs()),
          0,
          List.of(
              new RunSummary.ViewPart(
                  plan.view(),
                  plan.table(),
                  publication.mode(),
                  publication.fromMs() == 0 ? null : Instant.ofEpochMilli(publication.fromMs()),
                  publication.rowCount(),
                  publication.segmentCount(),
                  bytes)),
          run.steps().seconds(),
          run.steps().total());
    }
  }
}
