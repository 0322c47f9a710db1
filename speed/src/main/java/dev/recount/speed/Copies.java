package dev.recount.speed;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.planner.row.EventRows;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.codec.digest.MurmurHash3;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which records of an event are copies of earlier ones, for every field that a view is distinct by.
 * The log is the state: what is held in memory belongs to one position of each partition, and if a
 * micro-batch begins at another (after a start, or because it is repeated), it is read back from
 * the log as far as the horizon. Thread-safe; a partition is one task's at a time.
 */
final class Copies {
  private static final Logger LOG = LoggerFactory.getLogger(Copies.class);
  private static final int SEED = 9001;
  private static final long NOWHERE = -1;

  private final String event;
  private final RecountConfig config;
  private final Map<Integer, Partition> partitions = new ConcurrentHashMap<>();
  private volatile List<String> fields = List.of();
  private volatile Positions start = Positions.START;

  Copies(String event, RecountConfig config) {
    this.event = event;
    this.config = config;
  }

  /** Looks at these fields from now on. */
  void use(List<String> names) {
    if (!names.equals(fields)) {
      partitions.clear();
      fields = List.copyOf(names);
    }
  }

  /** Begins a micro-batch; what a failed one has left is read back. */
  void begin(Positions from) {
    start = from;
    partitions.values().removeIf(partition -> partition.next == NOWHERE);
  }

  /**
   * The ids of a partition as they were before the micro-batch; the task that asks is its owner
   * until that ends.
   *
   * @param decoder of the task
   * @param indexes of the fields in the decoder's rows
   * @param arrivedMs of the first record of the micro-batch
   */
  Partition before(int partition, long arrivedMs, EventRows decoder, List<Integer> indexes) {
    long position = start.of(partition);
    Partition known = partitions.get(partition);
    if (known == null || known.next != position) {
      // Its memory must be free before as much is filled again.
      partitions.remove(partition);
      known = read(position, partition, arrivedMs, decoder, indexes);
      partitions.put(partition, known);
    }
    known.next = NOWHERE;
    return known;
  }

  private Partition read(
      long position, int partition, long arrivedMs, EventRows decoder, List<Integer> indexes) {
    Partition fresh = new Partition(indexes.size());
    if (position == 0) {
      return fresh; // Nothing came before.
    }
    long startedNanos = System.nanoTime();
    Duration horizon = config.speed().distinctHorizon();
    long records =
        new LogReader(KafkaClients.of(config), Topics.raw(event), partition)
            .read(
                SeenIds.fromMs(arrivedMs, horizon),
                position,
                (bytes, arrived) -> fresh.take(bytes, arrived, decoder, indexes));
    LOG.info(
        "Event {} partition {}: {} records before {} read back for the ids of {} in {} ms",
        event,
        partition,
        records,
        position,
        horizon,
        (System.nanoTime() - startedNanos) / 1_000_000);
    return fresh;
  }

  /** Notes that the micro-batch is done. */
  void done(Positions end) {
    partitions.forEach((number, partition) -> partition.next = end.of(number));
  }

  /** What the heartbeat says: for each field the shortest horizon in force, and how many ids. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    List<String> names = fields;
    for (int i = 0; i < names.size(); i++) {
      int field = i;
      facts.put(
          names.get(i),
          Map.of(
              "ids",
              partitions.values().stream().mapToLong(p -> p.ids.get(field).count()).sum(),
              "horizon_ms",
              partitions.values().stream()
                  .mapToLong(p -> p.ids.get(field).inForce().toMillis())
                  .min()
                  .orElse(config.speed().distinctHorizon().toMillis())));
    }
    return facts;
  }

  /** The ids of one partition, of each field. */
  final class Partition {
    private final List<SeenIds> ids = new ArrayList<>();
    private volatile long next = NOWHERE;

    private Partition(int count) {
      long most = Math.max(1, config.speed().distinctMemoryBytes() / IdSet.MOST_BYTES_AN_ID);
      for (int i = 0; i < count; i++) {
        ids.add(new SeenIds(config.speed().distinctHorizon(), most));
      }
    }

    /** Whether a record is a copy; NULL is nobody's. */
    boolean isCopy(int field, Object id, long arrivedMs) {
      if (id == null) {
        return false;
      }
      byte[] bytes = bytes(id);
      long[] hash = MurmurHash3.hash128x64(bytes, 0, bytes.length, SEED);
      return ids.get(field).isCopy(hash[0], hash[1], arrivedMs);
    }

    private void take(byte[] bytes, long arrivedMs, EventRows decoder, List<Integer> indexes) {
      Object[] values;
      try {
        values = decoder.decode(bytes, arrivedMs, indexes);
      } catch (RecountException e) {
        if (e.code() != ErrorCode.EVENT_UNDECODABLE) {
          throw e;
        }
        return;
      }
      for (int i = 0; i < values.length; i++) {
        isCopy(i, values[i], arrivedMs);
      }
    }
  }

  private static byte[] bytes(Object id) {
    return id instanceof byte[] raw ? raw : id.toString().getBytes(StandardCharsets.UTF_8);
  }
}
