package dev.recount.batch.archive;

import dev.recount.contract.Deadline;
import dev.recount.contract.Json;
import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.catalog.Heartbeat;
import dev.recount.contract.cli.Commands;
import dev.recount.contract.cli.HomeOptions;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(10);

  @Mixin private HomeOptions options;

  private final Clock clock;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Map<String, ArchiveWriter> writers = new TreeMap<>();
  private final Map<String, String> problems = new TreeMap<>();

  private ArchiveService(Clock clock) {
    this.clock = clock;
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
    long startedMs = clock.millis();
    Deadline beat = Deadline.after(Duration.ZERO);
    Deadline look = Deadline.after(Duration.ZERO);
    while (!isStopping()) {
      try {
        writers.values().forEach(ArchiveWriter::follow);
        if (beat.isExpired()) {
          boolean added = addWriters(catalog, make);
          if (added || look.isExpired() || !problems.isEmpty()) {
            startPartitions();
            look = Deadline.after(LOOK_FOR_PARTITIONS);
          }
          catalog.services().beat(heartbeat(startedMs));
          beat = Deadline.after(BEAT);
        }
        problems.remove(NAME);
      } catch (RecountException e) {
        say(NAME, e);
      }
      pause(FOLLOW);
    }
    writers.values().parallelStream().forEach(ArchiveWriter::close);
    beatLast(catalog, startedMs);
  }

  private boolean addWriters(Catalog catalog, Writers make) {
    boolean added = false;
    for (String event : catalog.events().names()) {
      if (!writers.containsKey(event)) {
        writers.put(event, make.of(event));
        added = true;
      }
    }
    return added;
  }

  private void startPartitions() {
    writers.forEach(
        (event, writer) -> {
          try {
            writer.start();
            problems.remove(event);
          } catch (RecountException e) {
            say(event, e);
          }
        });
  }

  /** Logs a problem when it is new, and keeps it for the heartbeat. */
  private void say(String subject, RecountException e) {
    String text = e.code() + ": " + e.getMessage();
    if (!text.equals(problems.put(subject, text))) {
      LOG.error("{}", text, e);
    }
  }

  private void beatLast(Catalog catalog, long startedMs) {
    try {
      catalog.services().beat(heartbeat(startedMs));
    } catch (RecountException e) {
      LOG.warn("The last heartbeat was not written: {}", e.getMessage());
    }
  }

  private Heartbeat heartbeat(long startedMs) {
    List<String> all = new ArrayList<>(problems.values());
    Map<String, Object> events = new LinkedHashMap<>();
    writers.forEach(
        (event, writer) -> {
          List<PartitionStatus> partitions = writer.status();
          partitions.stream()
              .map(PartitionStatus::problem)
              .filter(problem -> !problem.isEmpty())
              .forEach(all::add);
          events.put(
              event,
              Map.of(
                  "partitions",
                  partitions,
                  "lag",
                  partitions.stream().mapToLong(PartitionStatus::lag).sum()));
        });
    return new Heartbeat(
        NAME,
        ProcessHandle.current().pid(),
        startedMs,
        clock.millis(),
        Json.write(Map.of("events", events, "problems", all)));
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
