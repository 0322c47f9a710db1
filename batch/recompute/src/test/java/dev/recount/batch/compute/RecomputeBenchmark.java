package dev.recount.batch.compute;

import dev.recount.batch.archive.ArchiveFile;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.core.view.SchemaFolder;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.row.SparkSessions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/**
 * Times the recomputation of the repository's views over generated page views, each by itself and
 * all by one scan, beside plain Spark SQL with its shuffle, by hand: {@code RecomputeBenchmark
 * FOLDER EVENTS MINUTES [REPETITIONS]}. The events spread over MINUTES minutes of event time, which
 * sets the number of groups. Events are kept in FOLDER for the next time.
 */
final class RecomputeBenchmark {
  private static final int FILES = 8;
  private static final long FIRST_MS = Instant.parse("2024-05-01T00:00:00Z").toEpochMilli();

  private final SparkSession spark;
  private final ArchiveSlice slice;
  private final Path target;
  private final ViewCompiler compiler;

  private RecomputeBenchmark(SparkSession spark, ArchiveSlice slice, Path target) {
    this.spark = spark;
    this.slice = slice;
    this.target = target;
    this.compiler = new ViewCompiler(spark);
  }

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]).toAbsolutePath();
    long events = Long.parseLong(arguments[1]);
    long minutes = Long.parseLong(arguments[2]);
    int repetitions = arguments.length > 3 ? Integer.parseInt(arguments[3]) : 2;
    SparkSession spark = SparkSessions.local("recompute benchmark", 0);
    Path archive = folder.resolve("events-" + events + "-" + minutes);
    if (!Files.exists(archive)) {
      generate(spark, archive, events, minutes);
    }
    SchemaFolder schemas =
        SchemaFolder.read(Path.of(System.getProperty("recount.root"), "schemas"));
    EventSchema event = schemas.events().get(0);
    ViewCompiler compiler = new ViewCompiler(spark);
    ArchiveSlice slice = new ArchiveSlice(event, 0, Long.MAX_VALUE, files(archive, event, events));
    List<ViewPlan> plans =
        schemas.views().stream().map(view -> compiler.plan(view, event)).toList();
    RecomputeBenchmark benchmark = new RecomputeBenchmark(spark, slice, folder.resolve("result"));
    for (int i = 0; i < repetitions; i++) {
      double all = benchmark.scan("all views", plans);
      double peer = 0;
      for (ViewPlan plan : plans) {
        benchmark.scan(plan.view(), List.of(plan));
        peer += benchmark.sparkSql(plan);
      }
      System.out.printf(Locale.ROOT, "one scan / Spark SQL: %.2f%n", all / peer);
    }
    spark.stop();
  }

  private double scan(String name, List<ViewPlan> plans) {
    long start = System.nanoTime();
    Dataset<Row> events = slice.tasks(spark);
    List<ViewScan.Output> outputs =
        plans.stream()
            .map(
                plan ->
                    new ViewScan.Output(
                        compiler.program(plan, events.schema(), false),
                        new org.apache.hadoop.fs.Path(target.resolve(plan.view()).toUri()),
                        null))
            .toList();
    new ViewScan(spark, outputs).run(events);
    return report(name, plans, start);
  }

  private double sparkSql(ViewPlan plan) {
    long start = System.nanoTime();
    compiler
        .aggregate(plan, slice.events(spark))
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(target.resolve(plan.view()).toString());
    return report(plan.view() + " by Spark SQL", List.of(plan), start);
  }

  private double report(String name, List<ViewPlan> plans, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    long rows =
        plans.stream()
            .mapToLong(plan -> spark.read().parquet(target.resolve(plan.view()).toString()).count())
            .sum();
    System.out.printf(
        Locale.ROOT,
        "%-26s %,12d rows %8.1f s %,12.0f events/s%n",
        name,
        rows,
        seconds,
        slice.rowsInFiles() / seconds);
    return seconds;
  }

  private static void generate(SparkSession spark, Path archive, long events, long minutes) {
    spark
        .range(0, events, 1, FILES)
        .selectExpr(
            "timestamp_millis("
                + FIRST_MS
                + " + cast(id * "
                + minutes
                + " * 60000 / "
                + events
                + " as bigint)) AS event_time",
            "uuid() AS event_id",
            "concat_ws('.', 10, id * 7919 % 256, id * 104729 % 256, id % 200) AS ip_address",
            "concat('session-', hash(id div 8)) AS session_id",
            "concat('/section/', cast(pow(rand(1), 3) * 1000 as int), '/page.html') AS page_url",
            "cast(null as string) AS referrer",
            "element_at(array('Chrome','Firefox','Safari','Edge'), cast(rand(2) * 4 as int) + 1)"
                + " AS browser",
            "'Mozilla/5.0 (X11; Linux x86_64)' AS user_agent",
            "if(id % 10 = 0, 'POST', 'GET') AS method",
            "element_at(array(200,200,200,304,404), cast(rand(3) * 5 as int) + 1) AS status",
            "cast(rand(4) * 50000 as bigint) AS bytes",
            "id % 10 = 0 AS is_bot")
        .write()
        .option("compression", "zstd")
        .parquet(archive.toString());
  }

  private static List<ArchiveFile> files(Path archive, EventSchema schema, long events) {
    File[] found = archive.toFile().listFiles((f, name) -> name.endsWith(".parquet"));
    Arrays.sort(found, Comparator.comparing(File::getName));
    List<ArchiveFile> files = new ArrayList<>();
    for (File file : found) {
      files.add(
          new ArchiveFile(
              file.toURI().toString(),
              0,
              schema.json(),
              0,
              0,
              events / found.length,
              0,
              0,
              0,
              0,
              0,
              Long.MIN_VALUE,
              Long.MAX_VALUE,
              "",
              file.length(),
              file.lastModified()));
    }
    return files;
  }
}
