package dev.recount.infra.demo.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.infra.demo.drive.PageViewTraffic;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.stack.LocalStack;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the whole path on one machine. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures ingest, archive, freshness, recomputation (compared with DuckDB) and query latency on"
          + " this machine. Takes half an hour at the default size. Use a separate home: this fills it."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final long CAUGHT_UP_MS = 5_000;
  private static final List<String> QUERIES =
      List.of(
          "SELECT MEASURE(requests) FROM visitors",
          "SELECT status, MEASURE(requests), MEASURE(bytes) FROM traffic GROUP BY status",
          "SELECT page_url, MEASURE(views) AS views FROM page_views GROUP BY page_url"
              + " ORDER BY views DESC LIMIT 10",
          "SELECT day, MEASURE(ip_addresses) FROM visitors GROUP BY day");

  @Mixin private HomeOptions options;

  @Option(
      names = "--events",
      paramLabel = "N",
      defaultValue = "20000000",
      description = "Number of archived events to recompute from (default: ${DEFAULT-VALUE}).")
  private long events;

  @Option(
      names = "--ingest-events",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Number of events in the file to ingest (default: ${DEFAULT-VALUE}).")
  private int ingestEvents;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PART",
      description =
          "Some of ingest, freshness, archive, recompute, query, load (default: all but load, which"
              + " asks many questions at a time while events arrive).")
  private List<String> only = List.of("ingest", "freshness", "archive", "recompute", "query");

  @Option(
      names = "--turn",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "load: how long each is asked at a time (default: ${DEFAULT-VALUE}).")
  private int turnSeconds;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "5000",
      description = "load: events a second that arrive meanwhile (default: ${DEFAULT-VALUE}).")
  private int eventsPerSecond;

  private final Clock clock = Clock.systemUTC();

  @Override
  public Integer call() throws Exception {
    RecountConfig config = options.config();
    if (only.contains("recompute")) {
      requireArchive(config);
    }
    Recount recount = new Recount(config);
    recount.require("up", "--detach");
    recount.require("apply");
    // A run that comes due by itself would be measured with what is measured.
    recount.require("schedule", "pause", "page_views", "traffic", "visitors");
    try (Catalog catalog = Catalog.open(config)) {
      EventSchema schema = catalog.events().schema("page_view").orElseThrow();
      if (only.contains("ingest")) {
        ingest(config, recount);
      }
      if (only.contains("freshness")) {
        freshness(config, schema);
      }
      if (only.contains("archive")) {
        archive(config, catalog, schema);
      }
      if (only.contains("recompute")) {
        recompute(config, recount);
      }
      if (only.contains("query")) {
        query(config);
      }
      if (only.contains("load")) {
        awaitCaughtUp(config);
        new QueryLoad(config, schema, clock, Duration.ofSeconds(turnSeconds), eventsPerSecond)
            .measure(figures -> report("load", figures));
      }
    }
    return 0;
  }

  private void requireArchive(RecountConfig config) {
    URI archive = config.archive().uri();
    if (!"file".equals(archive.getScheme())) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot run DuckDB beside the recomputation: the archive '%s' is not on a local disk",
          archive);
    }
    if (!only.contains("archive") && !Files.isDirectory(Path.of(archive).resolve("page_view"))) {
      throw RecountException.of(
          ErrorCode.USAGE,
          "Cannot measure 'recompute': there is no event in '%s' yet; --only archive,recompute"
              + " fills it",
          archive);
    }
  }

  private void ingest(RecountConfig config, Recount recount) throws IOException {
    Path file = config.home().path().resolve("bench.ndjson");
    PageViewTraffic traffic = new PageViewTraffic(1, clock, new PageViewTraffic.Shares(0.05, 0, 0));
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      for (int i = 0; i < ingestEvents; i++) {
        writer.write(traffic.nextLine());
        writer.newLine();
      }
    }
    long start = System.nanoTime();
    recount.require("ingest", "page_view", file.toString());
    report("ingest", rate(ingestEvents, start) + " from NDJSON by the command, start included");
  }

  private void freshness(RecountConfig config, EventSchema schema) {
    for (int rate : new int[] {5_000, 20_000}) {
      Percentiles measured =
          new Freshness(config, schema, clock)
              .measure(rate, Duration.ofSeconds(20), Duration.ofSeconds(40));
      report(
          "freshness at " + String.format(Locale.ROOT, "%,d", rate) + " events/s",
          measured.toString());
    }
  }

  /**
   * The archive writer is stopped while the events go to Kafka, then has them all before it; the
   * speed layer pauses until the recomputation is measured.
   */
  private void archive(RecountConfig config, Catalog catalog, EventSchema schema) {
    LocalStack stack = LocalStack.of(config);
    awaitArchived(catalog);
    stack.stop("archive");
    stack.stop("speed");
    long start = System.nanoTime();
    try (LoadGenerator load = new LoadGenerator(config, schema, clock)) {
      load.sendHistory(events);
    }
    report("Kafka", rate(events, start) + " produced by one thread");
    start = System.nanoTime();
    stack.start("archive");
    awaitArchived(catalog);
    report("archive", rate(events, start) + " from Kafka to Parquet, start included");
  }

  private void awaitArchived(Catalog catalog) {
    catalog.batch().requestRoll("page_view");
    Deadline.after(Duration.ofMinutes(30))
        .require("the archive to hold everything", Duration.ofMillis(200), () -> lag(catalog) == 0);
  }

  /** Records that the archive does not hold yet, as its writer says; -1 while it cannot know. */
  private long lag(Catalog catalog) {
    return catalog.services().heartbeats().stream()
        .filter(h -> h.service().equals("archive") && h.ageMs() < 3_000)
        .map(h -> Json.read(h.detailJson(), JsonNode.class).at("/events/page_view"))
        .filter(event -> !event.path("partitions").isEmpty() && knowsEnds(event))
        .map(event -> event.path("lag").asLong(-1))
        .findFirst()
        .orElse(-1L);
  }

  /** A writer that has just started says a lag of 0 before it has asked where the log ends. */
  private static boolean knowsEnds(JsonNode event) {
    for (JsonNode partition : event.path("partitions")) {
      if (partition.path("end_position").asLong(-1) < 0) {
        return false;
      }
    }
    return true;
  }

  private void recompute(RecountConfig config, Recount recount) throws SQLException {
    long start = System.nanoTime();
    recount.require("batch", "run");
    double seconds = (System.nanoTime() - start) / 1e9;
    report(
        "recompute", String.format(Locale.ROOT, "%.1f s for the command, see its steps", seconds));
    String glob = Path.of(config.archive().uri()).resolve("page_view") + "/*/*/*.parquet";
    Map<String, DuckDb.Timing> peers = DuckDb.run(glob, Runtime.getRuntime().availableProcessors());
    peers.forEach(
        (view, timing) ->
            report(
                "DuckDB " + view,
                String.format(
                    Locale.ROOT, "%.1f s, %,d groups", timing.seconds(), timing.groups())));
    double peer = peers.values().stream().mapToDouble(DuckDb.Timing::seconds).sum();
    report("DuckDB in all", String.format(Locale.ROOT, "%.1f s", peer));
  }

  private static void awaitCaughtUp(RecountConfig config) {
    LocalStack.of(config).start();
    SqlClient client = new SqlClient(config);
    Deadline.after(Duration.ofMinutes(30))
        .require("the speed layer to catch up", Duration.ofSeconds(1), () -> isCaughtUp(client));
  }

  private void query(RecountConfig config) {
    awaitCaughtUp(config);
    SqlClient client = new SqlClient(config);
    for (String sql : QUERIES) {
      Percentiles measured = new Percentiles();
      for (int i = 0; i < 220; i++) {
        long start = System.nanoTime();
        client.rows(sql);
        if (i >= 20) {
          measured.add((System.nanoTime() - start) / 1e6);
        }
      }
      report("query", measured + ": " + sql);
    }
  }

  /** While the speed layer ingests millions of deltas, there may be no answer at all. */
  private static boolean isCaughtUp(SqlClient client) {
    try {
      return client.freshnessMs("SELECT MEASURE(views) FROM page_views") < CAUGHT_UP_MS;
    } catch (RecountException e) {
      return false;
    }
  }

  private static String rate(long count, long startNanos) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return String.format(
        Locale.ROOT, "%,.0f events/s (%,d in %.1f s)", count / seconds, count, seconds);
  }

  private static void report(String what, String figures) {
    System.out.println("bench: " + what + ": " + figures);
  }
}
