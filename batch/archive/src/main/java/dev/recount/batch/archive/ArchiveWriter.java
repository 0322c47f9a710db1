package dev.recount.batch.archive;

import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.event.WriterSchemas;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies one event's topic into the archive, each record exactly once, a loop for each partition.
 * Any number of writers may run on one topic, in any number of processes.
 */
public final class ArchiveWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ArchiveWriter.class);

  /** Short, because the process has nothing to say of itself meanwhile. */
  private static final Duration DESCRIBE_PATIENCE = Duration.ofSeconds(3);

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final RecountConfig config;
  private final Catalog catalog;
  private final String event;
  private final Archive archive;
  private final OpenFile.Target target;
  private final Rolls rolls;
  private final DeadLetters deadLetters;
  private final SortedMap<Integer, PartitionWriter> partitions = new TreeMap<>();
  private final Map<Integer, Loop> loops = new HashMap<>();

  private volatile EventSchema schema;
  private volatile long rollRequestedMs;
  private volatile boolean stopping;

  /**
   * Does nothing until {@link #start}.
   *
   * @param catalog not closed by this
   * @throws RecountException CONFIG_INVALID where no safe commit is known for the archive's scheme
   */
  public ArchiveWriter(
      RecountConfig config,
      Catalog catalog,
      EventSchema schema,
      Configuration hadoop,
      Clock clock) {
    this.config = config;
    this.catalog = catalog;
    this.event = schema.name();
    this.schema = schema;
    this.deadLetters = new DeadLetters(config, clock);
    this.archive = Archive.open(config.archive().uri(), event, hadoop);
    this.target =
        new OpenFile.Target(
            ArchiveStore.of(config.archive().uri(), hadoop),
            new ArchiveLayout(new Path(config.archive().uri()), event),
            hadoop,
            UUID.randomUUID().toString(),
            clock);
    this.rolls = new Rolls(config.archive().rollSizeBytes(), config.archive().rollAge(), clock);
  }

  /**
   * Starts a thread for each partition of the topic that has none yet; may be called again, to find
   * partitions that were added.
   *
   * @throws RecountException KAFKA_UNAVAILABLE where the topic cannot be described
   */
  public synchronized void start() {
    List<PartitionInfo> found;
    try (Consumer<byte[], byte[]> consumer = newConsumer(-1)) {
      found = consumer.partitionsFor(Topics.raw(event), DESCRIBE_PATIENCE);
    } catch (org.apache.kafka.common.KafkaException e) {
      throw new RecountException(
          ErrorCode.KAFKA_UNAVAILABLE,
          "Cannot read topic '" + Topics.raw(event) + "': " + e.getMessage(),
          e);
    }
    if (found == null || found.isEmpty()) {
      throw new RecountException(
          ErrorCode.KAFKA_UNAVAILABLE,
          "Cannot read topic '" + Topics.raw(event) + "': there is none; 'recount apply' makes it");
    }
    for (PartitionInfo info : found) {
      if (!stopping && !partitions.containsKey(info.partition())) {
        begin(info.partition());
      }
    }
  }

  private void begin(int partition) {
    removeLeftOvers(partition);
    PartitionWriter writer = new PartitionWriter(this, partition);
    partitions.put(partition, writer);
    loops.put(partition, Loop.start("archive-" + event + "-" + partition, RETRY, writer::write));
  }

  /** A file that nobody has touched for much longer than any file stays open has no writer. */
  private void removeLeftOvers(int partition) {
    long ageMs =
        Math.max(Duration.ofHours(1).toMillis(), 10 * config.archive().rollAge().toMillis());
    Instant before = target.clock().instant().minusMillis(ageMs);
    try {
      int removed = target.store().removeOlder(target.layout().writing(partition), before);
      if (removed > 0) {
        LOG.info("{} partition {}: removed {} files of dead writers", event, partition, removed);
      }
    } catch (IOException e) {
      LOG.warn("Cannot clean up after dead writers of '{}': {}", event, e.toString());
    }
  }

  /** Asks the catalog what readers and operators want: the current schema, a roll. */
  public void follow() {
    refreshSchema(schema);
    rollRequestedMs = catalog.batch().rollRequestedMs(event);
  }

  /**
   * @return whether the event's schema is now another than the one given
   */
  boolean refreshSchema(EventSchema known) {
    catalog.events().schema(event).ifPresent(this::changeSchema);
    return !schema.json().equals(known.json());
  }

  private synchronized void changeSchema(EventSchema current) {
    if (!current.json().equals(schema.json())) {
      LOG.info("{}: the schema changed, files have its columns from now on", event);
      schema = current;
    }
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
    deadLetters.close();
  }

  String event() {
    return event;
  }

  Archive archive() {
    return archive;
  }

  EventSchema schema() {
    return schema;
  }

  EventCodec codec(EventSchema current, WriterSchemas writers) {
    return new EventCodec(current, writers, config.events().maxSizeBytes());
  }

  WriterSchemas writerSchemas() {
    return catalog.events();
  }

  OpenFile.Target target() {
    return target;
  }

  Rolls rolls() {
    return rolls;
  }

  DeadLetters deadLetters() {
    return deadLetters;
  }

  long rollRequestedMs() {
    return rollRequestedMs;
  }

  boolean isStopping() {
    return stopping;
  }

  /**
   * The id of the topic as it is now.
   *
   * @throws RecountException LOG_TRUNCATED where what is archived is from another topic
   */
  String checkTopic(int partition, long nextPosition) {
    String topic = Topics.raw(event);
    String id;
    try (Admin admin = KafkaClients.of(config).admin(PATIENCE)) {
      id =
          admin
              .describeTopics(List.of(topic))
              .topicNameValues()
              .get(topic)
              .get()
              .topicId()
              .toString();
    } catch (InterruptedException | ExecutionException e) {
      throw new RecountException(
          ErrorCode.KAFKA_UNAVAILABLE, "Cannot describe topic '" + topic + "': " + e, e);
    }
    Optional<String> archived = archive.topicId(partition);
    if (archived.isPresent() && !archived.get().equals(id)) {
      throw ArchiveProblems.anotherTopic(event, partition, nextPosition, archived.get(), id);
    }
    return id;
  }

  /**
   * @throws RecountException LOG_TRUNCATED where the log does not have the position
   */
  void checkLog(Consumer<byte[], byte[]> consumer, TopicPartition partition, long position) {
    long begin = consumer.beginningOffsets(List.of(partition), PATIENCE).get(partition);
    long end = endOf(consumer, partition);
    if (begin > position || end < position) {
      throw ArchiveProblems.truncated(event, partition.partition(), position, begin, end);
    }
  }

  long endOf(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    return consumer.endOffsets(List.of(partition), PATIENCE).get(partition);
  }

  Consumer<byte[], byte[]> newConsumer(int partition) {
    return KafkaClients.of(config)
        .consumer(
            Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "recount-archive-" + event + "-" + partition,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                10_000,
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                100,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                8 << 20,
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                16 << 20,
                ConsumerConfig.RECEIVE_BUFFER_CONFIG,
                1 << 20));
  }
}
