package dev.recount.batch.delta;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.ViewSchedule;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.RealtimeSegment;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops deltas that nobody needs any more, with their keys: from Pinot, whole segments at a time,
 * and from the log. A delta is needed as long as a kept run ends before it, since that run can be
 * rolled back to; and, if the view is audited on a schedule, until it has been audited.
 *
 * <p>Safe at any moment and after a kill at any step. What may be gone is noted first. A query of
 * any kept run does not see these deltas: its time boundary hides them. A copy of one of them that
 * speed sends again is hidden likewise, though Pinot no longer knows its key.
 */
public final class PassedDeltas {
  private static final Logger LOG = LoggerFactory.getLogger(PassedDeltas.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final RecountConfig config;
  private final Catalog catalog;
  private final PinotController controller;
  private final DeltaLog log;

  public PassedDeltas(RecountConfig config, Catalog catalog) {
    this.config = config;
    this.catalog = catalog;
    this.controller = new PinotController(config, PATIENCE);
    this.log = new DeltaLog(KafkaClients.of(config));
  }

  /** What was dropped. */
  public record Dropped(int segments, long rows) {}

  /**
   * Drops what views do not need any more, each for itself: what cannot be dropped now is dropped
   * the next time, and no reason for a run to fail.
   *
   * @param say told what could not be dropped
   * @return how many segments
   */
  public int dropPassed(Collection<ViewPlan> plans, Consumer<String> say) {
    int segments = 0;
    for (ViewPlan plan : plans) {
      try {
        segments += dropPassed(plan).segments();
      } catch (RecountException e) {
        LOG.warn("Deltas of {} stay until the next run", plan.table(), e);
        say.accept("Old deltas of view '" + plan.shownName() + "' stay for now: " + e.getMessage());
      }
    }
    return segments;
  }

  /**
   * Drops what a view version does not need any more.
   *
   * @throws RecountException PINOT_UNAVAILABLE, KAFKA_UNAVAILABLE, CATALOG_UNAVAILABLE; what is
   *     left over is dropped the next time
   */
  public Dropped dropPassed(ViewPlan plan) {
    String table = plan.table();
    Map<Integer, List<RealtimeSegment>> all = controller.realtimeSegments(table);
    Map<String, Set<String>> reported = controller.reportedStates(table, "REALTIME");
    PassedSegments passed =
        new PassedSegments.Search(
                neededFromMs(plan), segment -> controller.state(table, segment, reported))
            .among(all);
    if (!passed.segments().isEmpty()) {
      long untilMs = Cut.closeOfBucket(passed.newestMs(), config.cut().grain());
      catalog.audits().dropping(table, passed.newestMs() == 0 ? 0 : untilMs);
      controller.deleteRealtime(
          table, passed.segments().stream().map(RealtimeSegment::name).toList());
      LOG.info(
          "Dropped {} segments of {} with {} deltas of arrivals before {}",
          passed.segments().size(),
          table,
          passed.rows(),
          Instant.ofEpochMilli(untilMs));
    }
    log.deleteBefore(table, passed.neededOffsets());
    return new Dropped(passed.segments().size(), passed.rows());
  }

  /** Deltas of arrivals from this on are needed. */
  private long neededFromMs(ViewPlan plan) {
    String table = plan.table();
    long servedMs = catalog.batch().serving(table).map(Publication::cutMs).orElse(0L);
    long keptMs =
        Math.min(
            servedMs, catalog.batch().oldestCutMs(table, config.batch().keepRuns()).orElse(0L));
    if (!plan.header().containsKey(ViewSchedule.AUDIT)) {
      return keptMs;
    }
    return notAudited(keptMs, servedMs, catalog.audits().progress(table).auditedUntilMs(), config);
  }

  /** What a kept run needs, and what waits for its audit. */
  static long notAudited(long keptMs, long servedMs, long auditedUntilMs, RecountConfig config) {
    long waitsMs = servedMs - config.audit().hold().toMillis();
    return Math.min(keptMs, Math.max(auditedUntilMs, waitsMs));
  }
}
