package dev.recount.batch.audit;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveFile;
import dev.recount.batch.archive.ArchiveReading;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.AuditResult;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeltaProgress;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.SpeedProgress;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.row.SparkSessions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.sql.SparkSession;

/**
 * Compares what speed had served with a recount from raw: of the arrivals that a batch has absorbed
 * since the last such audit alone. Only their part of the archive is read.
 */
final class AbsorbedAuditor {
  /** Parts of the retention: what leaves within one of them is not compared any more. */
  private static final int MARGINS = 24;

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final ServedGroups served;
  private final AuditLog log;

  AbsorbedAuditor(RecountConfig config, Catalog catalog, Clock clock, Progress progress) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.served = new ServedGroups(new GatewayClient(config), config.serving().maxLimit());
    this.log = new AuditLog(catalog, clock, AuditResult.ABSORBED);
  }

  /** Audits views, each for itself: what is wrong with one stops no other. */
  AbsorbedReport audit(List<ViewPlan> plans) {
    List<AbsorbedReport.View> views = new ArrayList<>();
    List<AuditReport.Failure> failures = new ArrayList<>();
    Set<String> read = plans.stream().flatMap(p -> p.events().stream()).collect(Collectors.toSet());
    try (LateSpark spark = new LateSpark(config.batch().threads());
        ArchiveReading reading = ArchiveReading.begin(catalog, read)) {
      for (ViewPlan plan : plans) {
        long startedMs = clock.millis();
        try {
          AbsorbedReport.View view = audit(spark, plan);
          reading.requireHeld();
          log.found(plan, startedMs, view);
          views.add(view);
        } catch (Exception | FSError e) {
          // What a job of Spark fails with is an exception that it does not declare.
          failures.add(log.failed(plan, startedMs, e));
        }
      }
    }
    return AbsorbedReport.of(views, failures);
  }

  private AbsorbedReport.View audit(Supplier<SparkSession> spark, ViewPlan plan) {
    Publication publication = catalog.batch().serving(plan.table()).orElse(null);
    if (publication == null) {
      long none = catalog.audits().progress(plan.table()).auditedUntilMs();
      return new Compared(plan)
          .report(new AbsorbedRange(none, none, List.of("no batch run has been published yet")));
    }
    long passedMs =
        new SpeedPassed(catalog, config.batch().closeWait())
            .awaitMs(List.of(plan.event()), publication.cutMs());
    Function<Duration, AbsorbedRange> ranges =
        margin -> range(plan, publication.cutMs(), passedMs, margin);
    Duration margin = config.speed().retention().dividedBy(MARGINS);
    AbsorbedRange range = ranges.apply(margin);
    if (range.isEmpty()) {
      return new Compared(plan).report(range);
    }
    Optional<AbsorbedRange> erased = erased(plan, range);
    if (erased.isPresent()) {
      return new Compared(plan).report(erased.get());
    }
    requireServed(plan);
    progress.say(
        "Comparing what speed had served of "
            + log.name(plan)
            + " before "
            + Instant.ofEpochMilli(range.untilMs())
            + " ...");
    return new SteadyRange(log.name(plan), ranges, margin)
        .compare(
            steady -> {
              Compared compared = new Compared(plan);
              if (!steady.isEmpty()) {
                compared.compare(spark, steady.fromMs(), steady.untilMs());
              }
              return compared.report(steady);
            });
  }

  /** What was removed from the archive cannot be recounted, nor what joined it. */
  private Optional<AbsorbedRange> erased(ViewPlan plan, AbsorbedRange range) {
    List<ArchiveFile> states =
        plan.events().stream()
            .skip(1)
            .flatMap(state -> slice(state, range.untilMs()).files().stream())
            .toList();
    long removed = removed(slice(plan.event(), range.untilMs()).files(), states, range.fromMs());
    if (removed == 0) {
      return Optional.empty();
    }
    List<String> leftOut = new ArrayList<>(range.leftOut());
    leftOut.add(
        "arrivals"
            + (range.fromMs() == 0 ? "" : " from " + Instant.ofEpochMilli(range.fromMs()))
            + " before "
            + Instant.ofEpochMilli(range.untilMs())
            + ": "
            + removed
            + " events that speed had counted or joined were removed from the archive");
    return Optional.of(new AbsorbedRange(range.untilMs(), range.untilMs(), leftOut));
  }

  /**
   * How many records were removed that speed may have counted since a moment, or joined: it still
   * knows all states, also those that were removed from the archive long before.
   *
   * @param events the files of what is counted
   * @param states the files of what it joins
   */
  static long removed(List<ArchiveFile> events, List<ArchiveFile> states, long fromMs) {
    return Stream.concat(
            events.stream().filter(file -> file.maxArrivalMs() >= fromMs), states.stream())
        .mapToLong(file -> file.erased() + file.expired())
        .sum();
  }

  /**
   * @param margin what Pinot drops within this time is left out
   */
  private AbsorbedRange range(ViewPlan plan, long cutMs, long passedMs, Duration margin) {
    DeltaProgress deltas = catalog.audits().progress(plan.table());
    ViewVersion view = catalog.views().find(plan.view(), plan.version()).orElseThrow();
    long nowMs =
        catalog
            .services()
            .speedProgress(plan.event())
            .map(SpeedProgress::nowMs)
            .orElseGet(clock::millis);
    long keptMs = config.speed().retention().minus(margin).toMillis();
    // Of a view that is younger, Pinot has dropped nothing yet.
    long retained =
        view.ageMs() <= keptMs ? 0 : Cut.closeOfBucket(nowMs - keptMs, config.cut().grain());
    return AbsorbedRange.of(
        new AbsorbedRange.Known(cutMs, passedMs, retained, config.cut().grain()), deltas, view);
  }

  private void requireServed(ViewPlan plan) {
    Deadline limit = Deadline.after(config.batch().closeWait());
    if (!new ServedDeltas(config).await(List.of(plan.table()), limit)) {
      throw RecountException.of(
          ErrorCode.DEADLINE_EXCEEDED,
          "Cannot audit view '%s': Pinot has not ingested its deltas within %s"
              + " (batch.close-wait); see recount status",
          plan.shownName(),
          config.batch().closeWait());
    }
  }

  /** What was compared of a view. */
  private final class Compared {
    private final ViewPlan plan;
    private final List<String> differences = new ArrayList<>();
    private final boolean counts;
    private long groups;
    private long servedEvents;
    private long recountedEvents;
    private long differing;
    private long drift;

    Compared(ViewPlan plan) {
      this.plan = plan;
      this.counts = Events.isCounted(plan);
    }

    /** Compares arrivals; a range with too many groups is halved. */
    void compare(Supplier<SparkSession> spark, long fromMs, long untilMs) {
      Map<List<Object>, List<Object>> speed;
      try {
        speed = served.deltas(plan, fromMs, untilMs);
      } catch (RecountException e) {
        long middle = Cut.bucket(fromMs + (untilMs - fromMs) / 2, config.cut().grain());
        if (e.code() != ErrorCode.TOO_MANY_GROUPS || middle <= fromMs) {
          throw e;
        }
        compare(spark, fromMs, middle);
        compare(spark, middle, untilMs);
        return;
      }
      RawRecount raw = new RawRecount(spark.get());
      List<ArchiveSlice> slices =
          plan.events().stream().map(event -> slice(event, untilMs)).toList();
      Map<List<Object>, List<Object>> recounted = raw.groups(plan, slices, fromMs);
      Comparison comparison =
          plan.distinct().isPresent()
              ? Comparison.ofDistinct(
                  plan, speed, recounted, raw.groupsWithCopies(plan, slices, fromMs))
              : Comparison.of(plan, speed, recounted);
      groups += comparison.groups();
      servedEvents += Events.of(plan, speed);
      recountedEvents += Events.of(plan, recounted);
      differing += comparison.differing();
      drift += comparison.drift();
      comparison.shown().stream()
          .limit(Comparison.SHOWN - differences.size())
          .forEach(differences::add);
    }

    AbsorbedReport.View report(AbsorbedRange range) {
      return new AbsorbedReport.View(
          log.name(plan),
          Instant.ofEpochMilli(range.fromMs()),
          Instant.ofEpochMilli(range.untilMs()),
          groups,
          counts ? servedEvents : null,
          counts ? recountedEvents : null,
          differing,
          plan.distinct().isPresent() ? drift : null,
          List.copyOf(differences),
          range.leftOut());
    }
  }

  private ArchiveSlice slice(String event, long untilMs) {
    return ArchiveSlice.before(
        untilMs,
        catalog.events().schema(event).orElseThrow(),
        Archive.open(config, catalog, event, new Configuration()));
  }

  /** Spark, once something is to be counted. */
  private static final class LateSpark implements Supplier<SparkSession>, AutoCloseable {
    private final int threads;
    private SparkSession spark;

    LateSpark(int threads) {
      this.threads = threads;
    }

    @Override
    public SparkSession get() {
      if (spark == null) {
        spark = SparkSessions.local("recount audit", threads);
      }
      return spark;
    }

    @Override
    public void close() {
      if (spark != null) {
        spark.stop();
      }
    }
  }
}
