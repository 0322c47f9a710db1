package dev.recount.batch.audit;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveReading;
import dev.recount.batch.cut.ArchiveCuts;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.AuditResult;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.SparkSessions;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.SparkSession;

/** Audits views: what the gateway serves against a recount from the raw archive. */
final class ViewAuditor {
  /** How often a view is counted that a run publishes meanwhile. */
  private static final int ROUNDS = 3;

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final ServedGroups served;
  private final AuditLog log;

  ViewAuditor(RecountConfig config, Catalog catalog, Clock clock, Progress progress) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.served = new ServedGroups(new GatewayClient(config), config.serving().maxLimit());
    this.log = new AuditLog(catalog, clock, AuditResult.FULL);
  }

  /** Audits views, each for itself: what is wrong with one stops no other. */
  AuditReport audit(List<ViewPlan> plans) {
    long startedMs = clock.millis();
    try {
      return auditAll(plans);
    } catch (Exception | FSError e) {
      plans.forEach(plan -> log.failed(plan, startedMs, e));
      throw e;
    }
  }

  private AuditReport auditAll(List<ViewPlan> plans) {
    long first = moment(plans);
    SparkSession spark = SparkSessions.local("recount audit", config.batch().threads());
    try (ArchiveReading reading = ArchiveReading.begin(catalog, events(plans))) {
      Found found = new Found(new ArrayList<>(), new ArrayList<>());
      long before = first;
      List<ViewPlan> left = plans;
      for (int round = 1; !left.isEmpty(); round++) {
        left = audit(spark, left, before, round == ROUNDS, found);
        if (!left.isEmpty()) {
          progress.say("A run published " + names(left) + " meanwhile: once more");
          before = moment(left);
        }
      }
      reading.requireHeld();
      return AuditReport.of(Instant.ofEpochMilli(first), found.views, found.failures);
    } finally {
      spark.stop();
    }
  }

  /** What was found so far. */
  private record Found(List<AuditReport.View> views, List<AuditReport.Failure> failures) {}

  /** Audits views as of a moment; returns those for which a later one has to be taken. */
  private List<ViewPlan> audit(
      SparkSession spark, List<ViewPlan> plans, long before, boolean isLast, Found found) {
    List<ViewPlan> overtaken = new ArrayList<>();
    for (ViewPlan plan : plans) {
      progress.say("Counting " + log.name(plan) + " from raw events ...");
      long startedMs = clock.millis();
      try {
        AuditReport.View view = audit(spark, plan, before);
        log.found(plan, startedMs, before, view);
        found.views.add(view);
      } catch (Exception | FSError e) {
        // What a job of Spark fails with is an exception that it does not declare.
        if (!isLast && AuditedBatch.isOvertaken(e)) {
          overtaken.add(plan);
        } else {
          found.failures.add(log.failed(plan, startedMs, e));
        }
      }
    }
    return overtaken;
  }

  private String names(List<ViewPlan> plans) {
    return plans.stream().map(log::name).collect(Collectors.joining(", "));
  }

  /** All events that the views read: those that they count and those that they join. */
  private static Set<String> events(List<ViewPlan> plans) {
    return plans.stream().flatMap(plan -> plan.events().stream()).collect(Collectors.toSet());
  }

  /** A moment up to which archive and speed have all, and Pinot as far as it keeps up. */
  private long moment(List<ViewPlan> plans) {
    Set<String> events = plans.stream().map(ViewPlan::event).collect(Collectors.toSet());
    Cut archived = new ArchiveCuts(config, catalog, clock, progress).pick(events(plans)).cut();
    long before = passedBySpeed(events, archived);
    List<String> tables = plans.stream().map(ViewPlan::table).toList();
    if (!new ServedDeltas(config).await(tables, Deadline.after(config.batch().closeWait()))) {
      progress.say("Pinot has not ingested all deltas yet; comparing with what it serves now");
    }
    return before;
  }

  /** The newest bucket boundary that archive and speed have both passed. */
  private long passedBySpeed(Set<String> events, Cut archived) {
    long passed =
        new SpeedPassed(catalog, config.batch().closeWait()).awaitMs(events, archived.boundaryMs());
    return Math.min(archived.boundaryMs(), Cut.bucket(passed, config.cut().grain()));
  }

  private AuditReport.View audit(SparkSession spark, ViewPlan plan, long before) {
    AuditedBatch batch = AuditedBatch.begin(catalog, plan, before);
    List<ArchiveSlice> slices = plan.events().stream().map(event -> slice(event, before)).toList();
    Map<List<Object>, List<Object>> recounted = new RawRecount(spark).groups(plan, slices);
    try {
      AuditReport.View result = compare(plan, before, recounted);
      batch.requireUnchanged();
      return result;
    } catch (RecountException e) {
      // The gateway does not answer as of a moment before the cut, either.
      batch.requireUnchanged();
      throw e;
    }
  }

  private ArchiveSlice slice(String event, long before) {
    EventSchema schema = catalog.events().schema(event).orElseThrow();
    return ArchiveSlice.before(
        before, schema, Archive.open(config, catalog, event, new Configuration()));
  }

  private AuditReport.View compare(
      ViewPlan plan, long before, Map<List<Object>, List<Object>> recounted) {
    Map<List<Object>, List<Object>> merged = served.merged(plan, before);
    Comparison comparison = Comparison.of(plan, merged, recounted);
    return new AuditReport.View(
        log.name(plan),
        recounted.size(),
        served.events(plan, before, "batch"),
        served.events(plan, before, "speed"),
        Events.of(plan, merged),
        Events.of(plan, recounted),
        comparison.differing(),
        comparison.shown());
  }
}
