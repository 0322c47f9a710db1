package dev.recount.batch.run;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveLayout;
import dev.recount.batch.archive.ArchiveStore;
import dev.recount.batch.archive.OpenFile;
import dev.recount.batch.compute.Counted;
import dev.recount.batch.compute.DueView;
import dev.recount.batch.compute.ViewComputation;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.publish.NewBatch;
import dev.recount.batch.publish.Publisher;
import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import dev.recount.planner.row.SparkSessions;
import dev.recount.planner.table.PinotTables;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * What incremental runs cost, and how fast Pinot answers after many, by hand, on a home whose stack
 * is up and has the repository's views, with an archive of its own beside it ({@code ARCHIVE}, a
 * folder). Stop the home's watch and scheduler first: they take these runs, which do not beat, for
 * dead, and have their files removed.
 *
 * <ul>
 *   <li>{@code HOME ARCHIVE prepare EVENTS}: adds so many events to the archive, ten seconds of
 *       arrival later than those before
 *   <li>{@code HOME ARCHIVE full} and {@code HOME ARCHIVE increment}: one run up to all that is
 *       archived, and the CPU seconds of the process
 *   <li>{@code HOME ARCHIVE many RUNS EVENTS}: so many increments of so many events in one process,
 *       then a full run, with the times of queries after both
 * </ul>
 */
final class IncrementBenchmark {
  private static final long FIRST_MS = Instant.parse("2024-05-01T00:00:00Z").toEpochMilli();
  private static final long STEP_MS = 10_000;
  private static final long DAYS_MS = Duration.ofDays(30).toMillis();
  private static final int FILE_EVENTS = 500_000;
  private static final int ASKED = 100;
  private static final List<String> QUERIES =
      List.of(
          "SELECT status, SUM(requests) FROM traffic_v1 GROUP BY status",
          "SELECT page_url, SUM(views) FROM page_views_v1 GROUP BY page_url ORDER BY SUM(views)"
              + " DESC LIMIT 10",
          "SELECT browser, DISTINCTCOUNTTHETASKETCH(visitors) FROM page_views_v1 WHERE page_url ="
              + " '/page/7' GROUP BY browser",
          "SELECT DISTINCTCOUNTTHETASKETCH(ip_addresses) FROM visitors_v1");

  private final RecountConfig config;
  private final Catalog catalog;
  private final URI archive;
  private final EventSchema schema;
  private final Configuration hadoop = new Configuration();
  private final RunFolders folders;
  private final PinotTables tables;
  private final PinotController controller;
  private final ServedTables broker;
  private final Random random = new Random(7);

  /** CPU seconds of each step, of all runs together. */
  private final Map<String, Double> steps = new LinkedHashMap<>();

  private double stepped;
  private final Clock clock = Clock.systemUTC();

  private IncrementBenchmark(Path home, Path archive) {
    this.config = RecountConfig.load(home);
    this.catalog = Catalog.open(config);
    this.archive = archive.toUri();
    this.schema = catalog.events().schema("page_view").orElseThrow();
    this.folders = new RunFolders(config.lakeUri(), hadoop);
    this.tables = new PinotTables(config);
    this.controller = new PinotController(config, Duration.ofMinutes(5));
    this.broker = new ServedTables(config);
  }

  public static void main(String[] words) throws IOException {
    IncrementBenchmark benchmark =
        new IncrementBenchmark(Path.of(words[0]), Path.of(words[1]).toAbsolutePath());
    switch (words[2]) {
      case "prepare" -> benchmark.arrive(Integer.parseInt(words[3]));
      case "many" -> benchmark.many(Integer.parseInt(words[3]), Integer.parseInt(words[4]));
      default -> benchmark.once(words[2].equals("full"));
    }
    benchmark.catalog.close();
  }

  private static double cpuSeconds() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  private void step(String name) {
    double now = cpuSeconds();
    steps.merge(name, now - stepped, Double::sum);
    stepped = now;
  }

  private String steps() {
    return steps.entrySet().stream()
        .map(e -> String.format(Locale.ROOT, "%s %.1f", e.getKey(), e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private void once(boolean isFull) {
    SparkSession spark = SparkSessions.local("increment benchmark", config.batch().threads());
    long events = run(spark, isFull);
    spark.stop();
    step("stop");
    say("%s run: %,d events, %.1f CPU seconds", isFull ? "full" : "added", events, cpuSeconds());
    say("CPU seconds of each step: %s", steps());
  }

  private void many(int runs, int events) throws IOException {
    SparkSession spark = SparkSessions.local("increment benchmark", config.batch().threads());
    run(spark, true);
    ask("after one full run");
    double before = cpuSeconds();
    for (int i = 1; i <= runs; i++) {
      arrive(events);
      run(spark, false);
      if (i % 20 == 0 || i == runs) {
        say("%d increments, %.2f CPU seconds each: %s", i, (cpuSeconds() - before) / i, parts());
      }
    }
    ask("after " + runs + " increments");
    run(spark, true);
    say("full again: %s", parts());
    ask("after a full run again");
    spark.stop();
  }

  private String parts() {
    StringBuilder text = new StringBuilder();
    for (ViewPlan plan : plans()) {
      Publication p = catalog.batch().serving(plan.table()).orElseThrow();
      text.append(
          String.format(
              Locale.ROOT,
              "%s %d parts %d segments (%d in Pinot) %,d rows; ",
              plan.view(),
              p.parts().size(),
              p.segmentCount(),
              controller.allSegments(plan.table()).size(),
              p.rowCount()));
    }
    return text.toString();
  }

  private void ask(String when) {
    for (String query : QUERIES) {
      double[] millis = new double[ASKED];
      for (int i = 0; i < ASKED; i++) {
        long start = System.nanoTime();
        broker.rows(query).orElseThrow();
        millis[i] = (System.nanoTime() - start) / 1e6;
      }
      Arrays.sort(millis);
      say(
          "%-28s best %6.1f ms, median %6.1f ms: %s",
          when, millis[0], millis[ASKED / 2], query.substring(0, Math.min(60, query.length())));
    }
  }

  private List<ViewPlan> plans() {
    return catalog.views().all().stream().map(ViewVersion::plan).toList();
  }

  /** Everything that has been archived is before it. */
  private long cutMs() {
    return FIRST_MS
        + Archive.open(archive, schema.name(), hadoop).partitions().stream()
            .mapToLong(partition -> (partition + 1) * STEP_MS)
            .max()
            .orElse(0);
  }

  /** Each arrival of events is a partition of its own, so that no position has to be known. */
  private void arrive(int events) throws IOException {
    long arrivedMs = cutMs();
    int partition = (int) ((arrivedMs - FIRST_MS) / STEP_MS);
    OpenFile.Target target =
        new OpenFile.Target(
            ArchiveStore.of(archive, hadoop),
            new ArchiveLayout(new org.apache.hadoop.fs.Path(archive), schema.name()),
            hadoop,
            "benchmark",
            Clock.systemUTC());
    for (int first = 0; first < events; first += FILE_EVENTS) {
      OpenFile file = new OpenFile(target, schema, partition, first, ArchiveLayout.date(arrivedMs));
      int next = Math.min(events, first + FILE_EVENTS);
      for (int i = first; i < next; i++) {
        file.write(
            event(FIRST_MS + (long) ((double) i / events * DAYS_MS)), i, arrivedMs + i % STEP_MS);
      }
      file.commit(next);
    }
  }

  private GenericRecord event(long timeMs) {
    return new GenericRecordBuilder(schema.avro())
        .set("event_time", timeMs)
        .set("event_id", Long.toHexString(random.nextLong()))
        .set("ip_address", "10.0." + random.nextInt(100) + "." + random.nextInt(250))
        .set("session_id", "s" + random.nextInt(200_000))
        .set("page_url", "/page/" + (int) Math.abs(random.nextGaussian() * 300))
        .set("browser", List.of("Chrome", "Firefox", "Safari").get(random.nextInt(3)))
        .set("method", "GET")
        .set("status", List.of(200, 200, 304, 404).get(random.nextInt(4)))
        .set("bytes", (long) random.nextInt(50_000))
        .build();
  }

  /** One run of all views, as {@link RunComputation} does it, without waiting for the log. */
  private long run(SparkSession spark, boolean isFull) {
    step("start");
    Progress quiet = new Progress(text -> {}, false);
    Cut cut = new Cut(cutMs(), config.cut().grain());
    String runId =
        catalog
            .runs()
            .begin(
                clock.millis(),
                isFull ? RunRequest.FULL : RunRequest.INCREMENTAL,
                RunRequest.HAND,
                0,
                "benchmark",
                ProcessHandle.current().pid(),
                List.of());
    ViewModes modes = new ViewModes(catalog, controller, tables, folders, quiet);
    List<DueView> views =
        plans().stream()
            .map(plan -> modes.of(plan, isFull ? RunRequest.FULL : RunRequest.INCREMENTAL))
            .toList();
    ArchiveSlice slice =
        ArchiveSlice.between(
            views.get(0).fromMs(),
            cut.boundaryMs(),
            schema,
            Archive.open(archive, schema.name(), hadoop));
    step("list");
    ViewComputation computation =
        new ViewComputation(spark, tables, folders, config.batch(), quiet);
    List<Counted> counted =
        computation.compute(slice, new ArchiveSlice(schema, 0, 0, List.of()), views, runId);
    step("compute");
    Publisher publisher = publisher();
    for (Counted view : counted) {
      Counted folded = computation.fold(view, runId);
      step("fold");
      publish(computation, publisher, folded, runId, cut);
    }
    long events = slice.count(spark);
    step("count");
    return events;
  }

  private Publisher publisher() {
    return new Publisher(catalog, controller, broker, hadoop, Clock.systemUTC(), () -> {});
  }

  private void publish(
      ViewComputation computation, Publisher publisher, Counted counted, String runId, Cut cut) {
    ViewPlan plan = counted.view().plan();
    List<BuiltSegment> built = computation.segments(counted, runId, cut);
    step("segments");
    List<BatchPart> parts = new ArrayList<>(counted.kept());
    int data = (int) built.stream().filter(s -> !SegmentNames.isSentinel(s.name())).count();
    if (counted.rows() > 0) {
      parts.add(
          new BatchPart(
              runId, counted.fromMs(0), cut.boundaryMs(), counted.rows(), counted.bytes(), data));
    }
    publisher.publish(
        new NewBatch(
            plan,
            runId,
            counted.view().mode(),
            counted.view().layout(),
            cut,
            parts,
            NewBatch.segments(counted.kept(), counted.view().before()),
            built,
            null),
        segment -> {});
    folders.dropOthers(
        plan.table(), catalog.batch().keptRuns(plan.table(), config.batch().keepRuns()), () -> {});
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
