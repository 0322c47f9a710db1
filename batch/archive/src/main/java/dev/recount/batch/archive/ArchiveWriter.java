package dev.recount.batch.archive;

import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Copies one event's topic into the archive, each record exactly once, a loop for each partition.
 * Any number of writers may run on one topic, in any number of processes.
 */
public final class ArchiveWriter implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final String event;
  private final RawTopic topic;
  private final Wishes wishes;
  private final PartitionWriter.Output output;
  private final LeftOvers leftOvers;
  private final SortedMap<Integer, PartitionWriter> partitions = new TreeMap<>();
  private final Map<Integer, Loop> loops = new HashMap<>();

  private volatile boolean stopping;

  /**
   * Does nothing until {@link #start}.
   *
   * @param catalog not closed by this
   * @throws RecountException CONFIG_INVALID if no safe commit is known for the archive's scheme
   */
  public ArchiveWriter(
      RecountConfig config,
      Catalog catalog,
      EventSchema schema,
      Configuration hadoop,
      Clock clock) {
    this.event = schema.name();
    this.topic = new RawTopic(KafkaClients.of(config), event);
    this.wishes = new Wishes(catalog, schema, config.events().maxSizeBytes());
    this.output =
        new PartitionWriter.Output(
            Archive.open(config.archive().uri(), event, hadoop),
            new OpenFile.Target(
                ArchiveStore.of(config.archive().uri(), hadoop),
                new ArchiveLayout(new Path(config.archive().uri()), event),
                hadoop,
                UUID.randomUUID().toString(),
                clock),
            new Rolls(config.archive().rollSizeBytes(), config.archive().rollAge(), clock),
            new DeadLetters(config, clock));
    this.leftOvers = new LeftOvers(output.target(), config.archive().rollAge());
  }

  /**
   * Starts a thread for each partition of the topic that has none yet; to be called again and
   * again, to find partitions that were added and what dead writers left.
   *
   * @throws RecountException KAFKA_UNAVAILABLE if the topic cannot be described
   */
  public synchronized void start() {
    for (int partition : topic.partitions()) {
      leftOvers.remove(partition);
      if (!stopping && !partitions.containsKey(partition)) {
        begin(partition);
      }
    }
  }

  private void begin(int partition) {
    PartitionWriter writer = new PartitionWriter(topic, wishes, output, partition);
    partitions.put(partition, writer);
    loops.put(partition, Loop.start("archive-" + event + "-" + partition, RETRY, writer::write));
  }

  /** Asks the catalog what readers and operators want: the current schema, a roll. */
  public void follow() {
    wishes.follow();
  }

  /** What each partition is at, in order. */
  public synchronized List<PartitionStatus> status() {
    return partitions.values().stream().map(PartitionWriter::status).toList();
  }

  /** Finishes and commits what is open, and waits for that. */
  @Override
  public void close() {
    stopping = true;
    List<Loop> all;
    synchronized (this) {
      partitions.values().forEach(PartitionWriter::stop);
      all = List.copyOf(loops.values());
    }
    all.forEach(Loop::stop);
    for (Loop loop : all) {
      try {
        loop.join(PATIENCE.multipliedBy(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    output.deadLetters().close();
  }
}
