package dev.recount.batch.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveLayout;
import dev.recount.batch.archive.ArchiveStore;
import dev.recount.batch.archive.OpenFile;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.batch.lake.Pieces;
import dev.recount.batch.lake.RunFolders;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.KeptRun;
import dev.recount.core.catalog.KeptRuns;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.TimeRange;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.table.PinotTables;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** An archive that grows, with runs, backfills and roll-backs over it. */
final class ArchiveStory {
  static final EventSchema SALE =
      EventSchema.parse(
          """
          {"type": "record", "name": "sale", "namespace": "t", "fields": [
            {"name": "sold", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
            {"name": "id", "type": ["null", "string"], "default": null, "doc": "d", "recount": "event-id"},
            {"name": "shop", "type": "string", "doc": "d"},
            {"name": "amount", "type": ["null", "long"], "default": null, "doc": "d"}]}""",
          "sale");
  static final EventSchema OWNER =
      EventSchema.parse(
          """
          {"type": "record", "name": "owner", "namespace": "t", "fields": [
            {"name": "since", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d", "recount": "event-time"},
            {"name": "shop", "type": "string", "doc": "d", "recount": "key"},
            {"name": "name", "type": "string", "doc": "d"}]}""",
          "owner");
  static final long HOUR_MS = 3_600_000;
  static final int HOURS = 30;

  private static final Duration MILLISECOND = Duration.ofMillis(1);

  private final List<ViewPlan> plans;
  private final SparkSession spark;
  final Random random;
  private final Path folder;
  private final RunFolders folders;
  private final RecountConfig config;
  private final ViewComputation computation;
  final Catalog catalog;
  private final Map<ViewPlan, StructType> types = new HashMap<>();
  private final Map<ViewPlan, TimeRange> unfinished = new HashMap<>();
  private final Progress progress = new Progress(text -> {}, false);
  private final long[][] next = new long[2][2];
  private long nowMs = 1_700_000_000_000L;
  int most;
  int resumed;

  ArchiveStory(SparkSession spark, Path root, int seed, List<ViewPlan> plans) {
    this.spark = spark;
    this.plans = plans;
    this.random = new Random(seed);
    this.folder = root.resolve("story " + seed);
    this.folders = new RunFolders(folder.resolve("lake").toUri(), new Configuration());
    this.config =
        RecountConfig.load(
            folder,
            Optional.empty(),
            // So small that parts are of several tiers, and the limit is reached.
            Map.of(
                "RECOUNT_BATCH_SMALL_PART", "600",
                "RECOUNT_BATCH_MAX_SEGMENTS", "6",
                "RECOUNT_BATCH_KEEP_RUNS", "6",
                "RECOUNT_CATALOG_URL", "jdbc:h2:mem:story" + seed + ";DB_CLOSE_DELAY=-1"));
    this.catalog = Catalog.open(config);
    for (ViewPlan plan : plans) {
      catalog.views().add(plan, 0);
      catalog.views().wholeSince(plan.view(), plan.version(), 0);
    }
    this.computation =
        new ViewComputation(spark, new PinotTables(config), folders, config.batch(), progress);
  }

  /** Files of both events and both partitions, each of which reaches beyond any cut so far. */
  void arrive() throws IOException {
    for (int partition = 0; partition < 2; partition++) {
      write(SALE, 0, partition, random.nextInt(60));
      write(OWNER, 1, partition, random.nextInt(6));
    }
    nowMs += 100;
  }

  /** Events that seem to have arrived before the cut. */
  void arriveLate() throws IOException {
    long realMs = nowMs;
    nowMs = 1_000;
    write(SALE, 0, 0, 100);
    nowMs = realMs;
  }

  private void write(EventSchema schema, int event, int partition, int count) throws IOException {
    long first = next[event][partition];
    ArchiveStore store = ArchiveStore.of(folder.resolve("archive").toUri(), new Configuration());
    OpenFile.Target target =
        new OpenFile.Target(
            store,
            new ArchiveLayout(
                new org.apache.hadoop.fs.Path(folder.resolve("archive").toUri()), schema.name()),
            new Configuration(),
            "test",
            Clock.systemUTC());
    OpenFile file = new OpenFile(target, schema, partition, first, ArchiveLayout.date(nowMs));
    long[] arrivals = random.longs(count, nowMs, nowMs + 100).sorted().toArray();
    for (int i = 0; i < count; i++) {
      file.write(event == 0 ? sale() : owner(), first + i, arrivals[i]);
    }
    if (count > 0) {
      file.commit(first + count);
      next[event][partition] += count;
    }
  }

  private GenericRecord sale() {
    int id = random.nextInt(150);
    int amount = random.nextInt(40);
    return new GenericRecordBuilder(SALE.avro())
        .set("sold", HOUR_MS * random.nextInt(HOURS) + random.nextInt(1000))
        .set("id", id < 10 ? null : "id " + id)
        .set("shop", "shop " + random.nextInt(7))
        .set("amount", amount == 0 ? null : (Object) Long.valueOf(amount))
        .build();
  }

  private GenericRecord owner() {
    return new GenericRecordBuilder(OWNER.avro())
        .set("since", 0L)
        .set("shop", "shop " + random.nextInt(7))
        .set("name", "name " + random.nextInt(4))
        .build();
  }

  /** Some moment within what arrived last: the files that hold it are cut through. */
  private long cut() {
    return nowMs - random.nextInt(100);
  }

  private String begin(String mode) {
    return catalog
        .runs()
        .begin(
            1,
            mode,
            RunRequest.HAND,
            0,
            "here",
            1,
            plans.stream().map(plan -> RunView.due(plan.view(), plan.table(), mode)).toList());
  }

  private Publication serving(ViewPlan plan) {
    return catalog.batch().serving(plan.table()).orElse(null);
  }

  void run(boolean isFull, boolean isKilled) {
    long cutMs = cut();
    String runId = begin(isFull ? RunRequest.FULL : RunRequest.INCREMENTAL);
    for (Counted counted : counted(isFull, cutMs, runId)) {
      if (!isKilled) {
        publish(counted, cutMs, runId);
        tidy(counted.view().plan());
      }
    }
  }

  /** As a run does at its end: what a roll-back needs must not be among it. */
  private void tidy(ViewPlan plan) {
    int kept = config.batch().keepRuns();
    folders.dropOthers(plan.table(), catalog.batch().keptRuns(plan.table(), kept), () -> {});
    catalog.batch().forgetNames(plan.table(), kept);
  }

  /** A backfill publishes one view. */
  private boolean hasPublished(String runId, ViewPlan plan) {
    return catalog.batch().find(runId, plan.table()).isPresent();
  }

  /** Back to one of the runs that are kept, or forward again. */
  void rollBack() {
    KeptRuns runs =
        new KeptRuns(catalog, config, Clock.fixed(Instant.ofEpochMilli(nowMs), ZoneOffset.UTC));
    List<KeptRun> kept =
        runs.list(runs.view(plans.get(0).view()), folders::missing).stream()
            .filter(KeptRun::canRollBack)
            .filter(run -> plans.stream().allMatch(plan -> hasPublished(run.run(), plan)))
            .toList();
    String to = kept.get(random.nextInt(kept.size())).run();
    String runId = begin(Publication.ROLLBACK);
    for (ViewPlan plan : plans) {
      Publication target = runs.require(runs.view(plan.view()), to, folders::missing).publication();
      List<BatchPart> parts =
          target.parts().stream()
              .map(
                  part ->
                      part.builtBy(
                          runId,
                          computation
                              .rebuild(plan, part, runId, new Cut(part.cutMs(), MILLISECOND))
                              .size()))
              .toList();
      put(plan, runId, Publication.ROLLBACK, target.cutMs(), parts, to);
      tidy(plan);
    }
  }

  /**
   * Counts a range of a view again. What one that is killed has finished is there for the next one,
   * which may have a later cut.
   */
  void backfill(ViewPlan plan, TimeRange asked, boolean isKilled) {
    Publication before = serving(plan);
    EventSchema state = plan.join() == null ? null : OWNER;
    RangeComputation range = new RangeComputation(spark, folders, plan, SALE, state, asked);
    RangePieces pieces =
        new RangePieces(
            range,
            slice(SALE, 0, before.cutMs()),
            state == null ? null : slice(state, 0, before.cutMs()),
            new Pieces(
                folders.backfill(plan.table(), Piece.hash(range.range().toString())),
                new Configuration()),
            1);
    String runId = begin(BatchRun.BACKFILL);
    List<Piece> missing = pieces.missing();
    RangeComputation.Copies copies =
        plan.distinct().isEmpty() ? RangeComputation.Copies.none() : pieces.copies(missing);
    try (Progress.Step step = progress.step("", "events", pieces.work(missing))) {
      for (Piece piece : isKilled ? missing.subList(0, missing.size() / 2) : missing) {
        pieces.compute(piece, copies, runId, step);
      }
      resumed += pieces.size() - missing.size();
    }
    if (isKilled) {
      unfinished.put(plan, asked);
      return;
    }
    unfinished.remove(plan);
    List<BatchPart> touched = range.touched(before.parts());
    RangePieces.Rows rows = pieces.rows();
    if (rows.count() > 0 || !touched.isEmpty()) {
      publish(
          range.replaced(
              DueView.backfill(plan, "l", before), touched, rows.folders(), rows.count(), runId),
          before.cutMs(),
          runId);
      tidy(plan);
    }
  }

  void backfillSome() {
    List<ViewPlan> timed = plans.stream().filter(plan -> plan.time().isPresent()).toList();
    ViewPlan plan = timed.get(random.nextInt(timed.size()));
    backfill(plan, unfinished.getOrDefault(plan, someRange()), random.nextInt(3) == 0);
  }

  private TimeRange someRange() {
    long from = random.nextLong(-HOUR_MS, HOURS * HOUR_MS);
    return new TimeRange(from, from + 1 + random.nextLong(HOURS / 2 * HOUR_MS));
  }

  private List<Counted> counted(boolean isFull, long cutMs, String runId) {
    List<DueView> due =
        plans.stream()
            .map(
                plan ->
                    isFull || serving(plan) == null
                        ? DueView.full(plan, "l", serving(plan), null)
                        : DueView.incremental(plan, "l", serving(plan)))
            .toList();
    long from = due.get(0).fromMs();
    List<DueView> alone = due.stream().filter(v -> v.plan().join() == null).toList();
    List<Counted> counted =
        new ArrayList<>(
            computation.compute(slice(SALE, from, cutMs), slice(SALE, 0, from), alone, runId));
    for (DueView view : due) {
      if (view.plan().join() != null) {
        counted.addAll(
            computation.compute(slice(SALE, from, cutMs), slice(OWNER, 0, cutMs), view, runId));
      }
    }
    return counted.stream().map(c -> computation.fold(c, runId)).toList();
  }

  private ArchiveSlice slice(EventSchema event, long from, long before) {
    return ArchiveSlice.between(
        from,
        before,
        event,
        Archive.open(folder.resolve("archive").toUri(), event.name(), new Configuration()));
  }

  private void publish(Counted counted, long cutMs, String runId) {
    ViewPlan plan = counted.view().plan();
    List<BatchPart> parts = counted.parts(runId, 0, cutMs, 1);
    most = Math.max(most, parts.size());
    types.put(plan, counted.type());
    put(plan, runId, counted.view().mode(), cutMs, parts, null);
  }

  private void put(
      ViewPlan plan,
      String runId,
      String mode,
      long cutMs,
      List<BatchPart> parts,
      String rolledBackTo) {
    catalog
        .batch()
        .put(
            new Publication(
                runId,
                plan.table(),
                plan.view(),
                1,
                Publication.SERVING,
                mode,
                cutMs,
                parts.stream().mapToLong(BatchPart::rows).sum(),
                "[]",
                0,
                Json.write(parts),
                "l",
                null,
                1L,
                rolledBackTo,
                null));
  }

  boolean hasMoreThanOneRun() {
    return catalog.batch().kept(plans.get(0).table(), 2).size() > 1;
  }

  void checkEqualToAFullRun() {
    counted(true, cutMs(), "check");
    for (ViewPlan plan : plans) {
      assertThat(served(plan)).as(plan.sql()).isEqualTo(groups(plan, List.of("check")));
    }
  }

  private long cutMs() {
    return serving(plans.get(0)).cutMs();
  }

  /** What is served of a view. */
  List<String> served(ViewPlan plan) {
    return groups(plan, serving(plan).parts().stream().map(BatchPart::runId).toList());
  }

  /** What a full run counts of a view up to the same cut. */
  List<String> anew(ViewPlan plan) {
    counted(true, cutMs(), "anew");
    return groups(plan, List.of("anew"));
  }

  /** All rows of some runs, those of a group merged to one. */
  private List<String> groups(ViewPlan plan, List<String> of) {
    Dataset<Row> rows =
        spark
            .read()
            .schema(types.get(plan))
            .parquet(
                of.stream()
                    .map(run -> folders.view(plan.table(), run).toString())
                    .toArray(String[]::new))
            .coalesce(1);
    org.apache.hadoop.fs.Path target = folders.view(plan.table(), "merged");
    new ViewScan(
            spark,
            List.of(
                new ViewScan.Output(
                    new ViewCompiler(spark).merge(plan, rows.schema()), target, null)))
        .run(rows);
    return spark.read().schema(types.get(plan)).parquet(target.toString()).collectAsList().stream()
        .map(ArchiveStory::shown)
        .sorted()
        .toList();
  }

  private static String shown(Row row) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < row.length(); i++) {
      cells.add(
          row.get(i) instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(row.get(i)));
    }
    return cells.toString();
  }
}
