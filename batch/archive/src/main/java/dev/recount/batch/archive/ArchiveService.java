package dev.recount.batch.archive;

import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.cli.Commands;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The process that keeps the archive: a writer for each event that the catalog knows. */
@Command(
    name = "archive",
    mixinStandardHelpOptions = true,
    description = "Copies all events from Kafka to the archive, each exactly once.")
public final class ArchiveService implements Callable<Integer> {
  /** Its name among the heartbeats. */
  public static final String NAME = "archive";

  private static final Logger LOG = LoggerFactory.getLogger(ArchiveService.class);
  private static final Duration FOLLOW = Duration.ofMillis(500);
  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(10);

  @Mixin private HomeOptions options;

  private final Clock clock;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Map<String, ArchiveWriter> writers = new TreeMap<>();
  private final Map<String, Long> knownSinceMs = new TreeMap<>();
  private final Map<String, String> problems = new TreeMap<>();
  private final long startedMs;
  private Deadline beat = Deadline.after(Duration.ZERO);
  private Deadline look = Deadline.after(Duration.ZERO);

  private ArchiveService(Clock clock) {
    this.clock = clock;
    this.startedMs = clock.millis();
  }

  public static void main(String[] arguments) {
    Commands.main(new ArchiveService(Clock.systemUTC()), arguments);
  }

  @Override
  public Integer call() {
    RecountConfig config = options.config();
    Configuration hadoop = new Configuration();
    ArchiveStore.of(config.archive().uri(), hadoop);
    Runtime.getRuntime().addShutdownHook(new Thread(this::stopAndWait, "archive-stop"));
    try (Catalog catalog = openCatalog(config)) {
      if (catalog != null) {
        LOG.info("Archiving to {}", config.archive().uri());
        serve(
            catalog,
            event ->
                new ArchiveWriter(
                    config, catalog, catalog.events().schema(event).orElseThrow(), hadoop, clock));
      }
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  /** Waits for the catalog as long as it takes; null where the process is stopped before. */
  private Catalog openCatalog(RecountConfig config) {
    Catalog[] catalog = new Catalog[1];
    boolean[] said = new boolean[1];
    BooleanSupplier opened =
        () -> {
          try {
            catalog[0] = Catalog.open(config);
          } catch (RecountException e) {
            if (e.code() != ErrorCode.CATALOG_UNAVAILABLE) {
              throw e;
            }
            if (!said[0]) {
              LOG.warn("Waiting for the catalog: {}", e.getMessage());
              said[0] = true;
            }
          }
          return catalog[0] != null;
        };
    while (!isStopping() && !opened.getAsBoolean()) {
      pause(BEAT);
    }
    return catalog[0];
  }

  private interface Writers {
    ArchiveWriter of(String event);
  }

  private void serve(Catalog catalog, Writers make) {
    try (Loop loop = Loop.start("archive", FOLLOW, () -> turn(catalog, make))) {
      while (!isStopping()) {
        pause(BEAT);
      }
      loop.stop();
      loop.join(STOP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writers.values().parallelStream().forEach(ArchiveWriter::close);
    beatLast(catalog);
  }

  private void turn(Catalog catalog, Writers make) {
    writers.forEach((event, writer) -> attempt("follow " + event, writer::follow));
    if (beat.isExpired()) {
      int before = writers.size();
      attempt("events", () -> addWriters(catalog, make));
      if (writers.size() > before || look.isExpired() || !problems.isEmpty()) {
        writers.forEach((event, writer) -> attempt("start " + event, writer::start));
        look = Deadline.after(LOOK_FOR_PARTITIONS);
      }
      catalog.services().beat(heartbeat());
      beat = Deadline.after(BEAT);
    }
  }

  /** Makes a writer for each event that has none; one that cannot be made keeps back no other. */
  private void addWriters(Catalog catalog, Writers make) {
    for (String event : catalog.events().names()) {
      knownSinceMs.putIfAbsent(event, clock.millis());
      if (!writers.containsKey(event)) {
        attempt("open " + event, () -> writers.put(event, make.of(event)));
      }
    }
  }

  /** A failure is logged when it is new, kept for the heartbeat, and keeps nothing else back. */
  private void attempt(String subject, Runnable work) {
    try {
      work.run();
      problems.remove(subject);
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      String text =
          e instanceof RecountException known ? known.code() + ": " + e.getMessage() : "" + e;
      if (!text.equals(problems.put(subject, text))) {
        LOG.error("{}", text, e);
      }
    }
  }

  private void beatLast(Catalog catalog) {
    try {
      catalog.services().beat(heartbeat());
    } catch (RecountException e) {
      LOG.warn("The last heartbeat was not written: {}", e.getMessage());
    }
  }

  private Heartbeat heartbeat() {
    Set<String> all = new LinkedHashSet<>(problems.values());
    Map<String, Object> events = new LinkedHashMap<>();
    knownSinceMs.forEach((event, sinceMs) -> events.put(event, facts(event, sinceMs, all)));
    return Heartbeat.of(
        NAME,
        ProcessHandle.current().pid(),
        startedMs,
        clock.millis(),
        Json.write(Map.of("events", events, "problems", all)));
  }

  private Map<String, Object> facts(String event, long sinceMs, Set<String> allProblems) {
    List<PartitionStatus> partitions =
        writers.containsKey(event) ? writers.get(event).status() : List.of();
    partitions.stream()
        .map(PartitionStatus::problem)
        .filter(problem -> !problem.isEmpty())
        .forEach(allProblems::add);
    long waitingSinceMs =
        partitions.isEmpty()
            ? sinceMs
            : partitions.stream()
                .mapToLong(PartitionStatus::waitingSinceMs)
                .filter(since -> since > 0)
                .min()
                .orElse(0);
    return Map.of(
        "partitions",
        partitions,
        "lag",
        partitions.stream().mapToLong(PartitionStatus::lag).sum(),
        "waiting_since_ms",
        waitingSinceMs);
  }

  private boolean isStopping() {
    return stop.getCount() == 0;
  }

  private void pause(Duration duration) {
    try {
      stop.await(duration.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop.countDown();
    }
  }

  /** Run by SIGTERM: open files are finished before the process ends. */
  private void stopAndWait() {
    stop.countDown();
    try {
      if (!stopped.await(30, TimeUnit.SECONDS)) {
        LOG.warn("Ending with files unfinished; their records are read again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
