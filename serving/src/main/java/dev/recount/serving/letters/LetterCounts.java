package dev.recount.serving.letters;

import dev.recount.core.Deadline;
import dev.recount.core.Loop;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * How many dead letters of each event there are since a cut. The topic holds those of all events,
 * so it is read from the earliest cut on, in the background: no answer waits for it, and none fails
 * because of it. Thread-safe.
 */
public final class LetterCounts implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  /** How long one turn may read. */
  private static final Duration TURN = Duration.ofSeconds(10);

  /** What was read longer ago says nothing of now. */
  private static final long MOST_AGE_MS = 5_000;

  private static final long CUTS_MS = 60_000;

  private final KafkaClients kafka;
  private final long grainMs;
  private final Supplier<OptionalLong> earliestCut;
  private final Clock clock;
  private final Tally tally = new Tally();
  private final Loop loop;
  private KafkaConsumer<byte[], byte[]> consumer;
  private long cutsReadMs;
  private long wantedMs = Long.MAX_VALUE;
  private volatile long askedMs = Long.MAX_VALUE;
  private volatile long fromMs = Long.MAX_VALUE;
  private volatile long readMs;

  /**
   * @param earliestCut of all that is served, milliseconds; empty if there is none
   */
  public LetterCounts(RecountConfig config, Supplier<OptionalLong> earliestCut, Clock clock) {
    this.kafka = KafkaClients.of(config);
    this.grainMs = config.cut().grain().toMillis();
    this.earliestCut = earliestCut;
    this.clock = clock;
    this.loop = Loop.start("letter-counts", PERIOD, this::read);
  }

  /**
   * How many letters of an event were written at or after a cut, by the brokers' clocks, some
   * seconds ago; null if that is not known.
   */
  public Long since(String event, long cutMs) {
    if (cutMs < askedMs) {
      askedMs = cutMs;
    }
    boolean isKnown =
        cutMs >= fromMs && cutMs % grainMs == 0 && clock.millis() - readMs <= MOST_AGE_MS;
    return isKnown ? (Long) tally.since(event, cutMs) : null;
  }

  private void read() {
    want();
    if (wantedMs == Long.MAX_VALUE) {
      return; // There is no cut.
    }
    if (consumer == null) {
      consumer =
          kafka.consumer(
              Map.of(
                  ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                  Math.toIntExact(PATIENCE.toMillis()),
                  ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                  "earliest"));
    }
    if (wantedMs < fromMs) {
      begin();
    }
    Deadline deadline = Deadline.after(TURN);
    Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment(), PATIENCE);
    while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
      if (deadline.isExpired()) {
        return; // What has been counted is not all, and grows old until it is.
      }
      consumer.poll(PERIOD).forEach(this::count);
    }
    readMs = clock.millis();
  }

  /** From which cut on the topic must be read; what is older is forgotten. */
  private void want() {
    long now = clock.millis();
    if (now - cutsReadMs > CUTS_MS) {
      wantedMs = earliestCut.get().orElse(Long.MAX_VALUE);
      askedMs = Long.MAX_VALUE;
      cutsReadMs = now;
    }
    wantedMs = Math.min(wantedMs, askedMs);
    if (wantedMs > fromMs && wantedMs != Long.MAX_VALUE) {
      fromMs = wantedMs;
      tally.forgetBefore(wantedMs);
    }
  }

  private void begin() {
    fromMs = Long.MAX_VALUE;
    tally.clear();
    List<PartitionInfo> known = consumer.partitionsFor(Topics.DEAD_LETTERS, PATIENCE);
    List<TopicPartition> partitions =
        known == null
            ? List.of()
            : known.stream().map(p -> new TopicPartition(p.topic(), p.partition())).toList();
    // Where it ended before its times were looked for: what comes in between is then read.
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
    Map<TopicPartition, OffsetAndTimestamp> starts =
        consumer.offsetsForTimes(
            partitions.stream().collect(Collectors.toMap(p -> p, p -> wantedMs)), PATIENCE);
    consumer.assign(partitions);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = starts.get(partition);
      consumer.seek(partition, start == null ? ends.get(partition) : start.offset());
    }
    if (!partitions.isEmpty()) {
      readMs = 0;
      fromMs = wantedMs;
    }
  }

  private void count(ConsumerRecord<byte[], byte[]> record) {
    DeadLetter.read(record)
        .ifPresent(
            letter -> tally.add(letter, Math.floorDiv(record.timestamp(), grainMs) * grainMs));
  }

  @Override
  public void close() {
    loop.close();
    try {
      if (loop.join(PATIENCE) && consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Letters by event and by the time that cuts are rounded to. */
  static final class Tally {
    private final Map<String, TreeMap<Long, Long>> counts = new HashMap<>();

    /** The last position on a raw topic of which there was a letter: an earlier one comes again. */
    private final Map<List<Object>, Long> last = new HashMap<>();

    synchronized void add(DeadLetter letter, long atMs) {
      Long offset = letter.source().offset();
      if (offset != null) {
        List<Object> place = List.of(letter.event(), letter.source().partition());
        Long before = last.get(place);
        if (before != null && offset <= before) {
          return; // The archive writer was stopped between letter and file, and wrote it again.
        }
        last.put(place, offset);
      }
      counts.computeIfAbsent(letter.event(), e -> new TreeMap<>()).merge(atMs, 1L, Long::sum);
    }

    synchronized long since(String event, long cutMs) {
      TreeMap<Long, Long> of = counts.getOrDefault(event, new TreeMap<>());
      return of.tailMap(cutMs, true).values().stream().mapToLong(Long::longValue).sum();
    }

    synchronized void forgetBefore(long cutMs) {
      counts.values().forEach(of -> of.headMap(cutMs).clear());
    }

    synchronized void clear() {
      counts.clear();
      last.clear();
    }
  }
}
