package dev.recount.speed;

import dev.recount.error.DurationText;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.compile.DeltaSize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The Kafka producers of deltas in this process. They outlive micro-batches, for their connections.
 * No two events share one, so that what fails for one, or fills its buffer, stops no other. What
 * they hold together is bounded: only some stay open while no task sends, each has a small buffer,
 * and a delta too large for that is sent by a separate producer, one at a time. Thread-safe.
 */
final class DeltaProducers {
  /** Opens a producer that holds at most so many bytes, and batches of so many for a partition. */
  interface Opener {
    Producer<byte[], byte[]> open(KafkaClients kafka, long bufferBytes, int batchBytes);
  }

  private static final DeltaProducers OF_PROCESS =
      new DeltaProducers(DeltaProducers::open, Duration.ofSeconds(40));

  private static final int MOST_IDLE = 8;
  private static final int BUFFER_BYTES = 16 << 20;
  private static final int BATCH_BYTES = 256 * 1024;

  /** Longer than the pauses between two tries of a view that is set aside. */
  private static final Duration WITHOUT_BATCHES = Duration.ofMinutes(15);

  /** Longer than another event's large delta may take to fail. */
  private static final Duration LARGE_PATIENCE = Duration.ofSeconds(90);

  /** A producer, and who uses it. */
  private static final class Entry {
    private final Producer<byte[], byte[]> producer;
    private final boolean isBatching;
    private int senders;
    private boolean isFit = true;

    Entry(Producer<byte[], byte[]> producer, boolean isBatching) {
      this.producer = producer;
      this.isBatching = isBatching;
    }
  }

  private final Opener opener;
  private final Duration patience;
  private final Semaphore large = new Semaphore(1, true);

  /** By event, those that were used last at the end. */
  private final Map<String, Entry> open = new LinkedHashMap<>(16, 0.75f, true);

  /** When something last failed, by event, as {@link System#nanoTime} has it. */
  private final Map<String, Long> failedNanos = new HashMap<>();

  /**
   * @param patience how long acknowledgements are waited for
   */
  DeltaProducers(Opener opener, Duration patience) {
    this.opener = opener;
    this.patience = patience;
  }

  static DeltaProducers ofProcess() {
    return OF_PROCESS;
  }

  private static Producer<byte[], byte[]> open(
      KafkaClients kafka, long bufferBytes, int batchBytes) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, batchBytes);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, DeltaSize.LARGEST_BATCH_BYTES);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, bufferBytes);
    // A full buffer is waited for until what fills it has failed: that is not the waiting view's
    // fault.
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 35_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    return kafka.producer(settings);
  }

  /** A sender of an event's deltas, for one task; it is closed at the task's end. */
  synchronized DeltaSender sender(String event, KafkaClients kafka) {
    boolean isBatching = isBatching(event);
    Entry known = open.get(event);
    if (known != null && known.isBatching != isBatching && known.senders == 0) {
      open.remove(event);
      close(List.of(known));
    }
    Entry entry =
        open.computeIfAbsent(
            event,
            e ->
                new Entry(
                    opener.open(kafka, BUFFER_BYTES, isBatching ? BATCH_BYTES : 0), isBatching));
    entry.senders++;
    return new DeltaSender(
        entry.producer,
        delta -> sendAlone(kafka, delta),
        isFit -> giveBack(event, entry, isFit),
        patience);
  }

  /**
   * Not for some time after a failure: a batch that the broker finds too large is split by Kafka's
   * producer into batches as large as before, again and again. A delta alone is refused at once.
   */
  private boolean isBatching(String event) {
    Long failed = failedNanos.get(event);
    return failed == null || System.nanoTime() - failed > WITHOUT_BATCHES.toNanos();
  }

  /** Once something failed, a producer is used by those that have it already, and then closed. */
  private void giveBack(String event, Entry entry, boolean isFit) {
    List<Entry> ended = new ArrayList<>();
    synchronized (this) {
      entry.senders--;
      entry.isFit &= isFit;
      if (!isFit) {
        failedNanos.put(event, System.nanoTime());
      }
      if (!entry.isFit) {
        open.remove(event, entry);
        if (entry.senders == 0) {
          ended.add(entry);
        }
      }
      ended.addAll(takeOutIdle(MOST_IDLE));
    }
    close(ended);
  }

  /** Those that wait longest, but for so many. */
  private List<Entry> takeOutIdle(int most) {
    List<Entry> idle = open.values().stream().filter(entry -> entry.senders == 0).toList();
    List<Entry> ended = idle.subList(0, Math.max(0, idle.size() - most));
    open.values().removeAll(ended);
    return ended;
  }

  private static void close(List<Entry> entries) {
    entries.forEach(entry -> entry.producer.close(Duration.ZERO));
  }

  /** Returns when a large delta is acknowledged. */
  private void sendAlone(KafkaClients kafka, ProducerRecord<byte[], byte[]> delta)
      throws Exception {
    if (!large.tryAcquire(LARGE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TimeoutException(
          "large deltas of other events were not sent within " + DurationText.of(LARGE_PATIENCE));
    }
    try (Producer<byte[], byte[]> producer =
        opener.open(kafka, DeltaSize.LARGEST_BATCH_BYTES + DeltaSender.SMALL_BYTES, BATCH_BYTES)) {
      producer.send(delta).get();
    } finally {
      large.release();
    }
  }

  /** Closes what no task uses. */
  void closeIdle() {
    List<Entry> ended;
    synchronized (this) {
      ended = takeOutIdle(0);
    }
    close(ended);
  }
}
