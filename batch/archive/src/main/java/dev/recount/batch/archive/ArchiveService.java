package dev.recount.batch.archive;

import dev.recount.core.Deadline;
import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Commands;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.service.Service;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** The process that keeps the archive: a writer for each event that the catalog knows. */
@Command(
    name = "archive",
    mixinStandardHelpOptions = true,
    description = "Copies all events from Kafka to the archive, each exactly once.")
public final class ArchiveService extends Service {
  /** Its name among the heartbeats. */
  public static final String NAME = "archive";

  private static final Logger LOG = LoggerFactory.getLogger(ArchiveService.class);
  private static final Duration FOLLOW = Duration.ofMillis(500);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(10);

  private final Configuration hadoop = new Configuration();
  private final Map<String, ArchiveWriter> writers = new TreeMap<>();
  private final Map<String, Long> knownSinceMs = new TreeMap<>();
  private final Map<String, String> problems = new TreeMap<>();
  private Deadline beat = Deadline.after(Duration.ZERO);
  private Deadline look = Deadline.after(Duration.ZERO);

  private ArchiveService(Clock clock) {
    super(NAME, clock, STOP_LIMIT);
  }

  public static void main(String[] arguments) {
    Commands.main(new ArchiveService(Clock.systemUTC()), arguments);
  }

  /** An archive that cannot be written safely is refused at once. */
  @Override
  protected void prepare(RecountConfig config) {
    ArchiveStore.of(config.archive().uri(), hadoop);
  }

  @Override
  protected void serve(RecountConfig config, Catalog catalog) {
    LOG.info("Archiving to {}", config.archive().uri());
    serve(
        catalog,
        event ->
            new ArchiveWriter(
                config, catalog, catalog.events().schema(event).orElseThrow(), hadoop, clock()));
  }

  private interface Writers {
    ArchiveWriter of(String event);
  }

  private void serve(Catalog catalog, Writers make) {
    try (Loop loop = Loop.start("archive", FOLLOW, () -> turn(catalog, make))) {
      awaitStop();
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
      beat(catalog, detail());
      beat = Deadline.after(BEAT);
    }
  }

  /** Makes a writer for each event that has none; one that cannot be made keeps back no other. */
  private void addWriters(Catalog catalog, Writers make) {
    List<String> events = catalog.events().names();
    List.copyOf(knownSinceMs.keySet()).stream()
        .filter(event -> !events.contains(event))
        .forEach(this::end);
    for (String event : events) {
      knownSinceMs.putIfAbsent(event, clock().millis());
      if (!writers.containsKey(event)) {
        attempt("open " + event, () -> writers.put(event, make.of(event)));
      }
    }
  }

  /** An event that was dropped. */
  private void end(String event) {
    knownSinceMs.remove(event);
    problems.keySet().removeIf(subject -> subject.endsWith(" " + event));
    ArchiveWriter writer = writers.remove(event);
    if (writer != null) {
      LOG.info("Event {} was dropped: its writer ends", event);
      writer.close();
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
      beat(catalog, detail());
    } catch (RecountException e) {
      LOG.warn("The last heartbeat was not written: {}", e.getMessage());
    }
  }

  private Map<String, Object> detail() {
    Set<String> all = new LinkedHashSet<>(problems.values());
    Map<String, Object> events = new LinkedHashMap<>();
    knownSinceMs.forEach((event, sinceMs) -> events.put(event, facts(event, sinceMs, all)));
    return Map.of("events", events, "problems", all);
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
}
