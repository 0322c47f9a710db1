package dev.recount.batch.cut;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.cut.Cut;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Picks the newest cut that the archive allows: everything that arrived before it is archived.
 *
 * <p>For each partition that is the arrival of the first record that the archive does not hold, or
 * the present if it holds all. Idle partitions therefore never hold a cut back.
 */
public final class CutPicker {
  /** The raw topics, as far as a cut needs them. */
  public interface EventLog {
    /** What the clocks of the brokers show now, which set the arrivals. */
    long nowMs();

    /** For each partition, the position after its last readable record. */
    Map<Integer, Long> endPositions(String event);

    /**
     * Arrival of the first record at or after {@code position}, or empty if only markers are
     * between it and {@code end}.
     */
    OptionalLong arrivalMs(String event, int partition, long position, long end);
  }

  /** Where the archive of an event ends now. */
  public interface ArchiveEnds {
    Positions of(String event);
  }

  /** The position after the last archived record, for each partition. */
  @FunctionalInterface
  public interface Positions {
    long next(int partition);
  }

  /**
   * A cut with what it rests on.
   *
   * @param positions for each event, for each partition, where the archive ended
   */
  public record Pick(Cut cut, Map<String, Map<Integer, Long>> positions) {}

  private final RecountConfig.Cut rule;
  private final EventLog log;
  private final ArchiveEnds archive;

  public CutPicker(RecountConfig.Cut rule, EventLog log, ArchiveEnds archive) {
    this.rule = rule;
    this.log = log;
    this.archive = archive;
  }

  /** The newest cut over all the events; at least one event. */
  public Pick pick(Collection<String> events) {
    List<Long> held = new ArrayList<>();
    Map<String, Map<Integer, Long>> positions = new TreeMap<>();
    for (String event : events) {
      positions.put(event, look(event, held));
    }
    return new Pick(Cut.newest(held, rule.grain(), rule.clockMargin()), positions);
  }

  /**
   * The order of the three readings matters: the time, then the log's ends, then the archive's.
   * "Now" is the brokers', as arrivals are, and is taken earlier, so that a record in flight counts
   * as not yet archived.
   */
  private Map<Integer, Long> look(String event, List<Long> held) {
    long nowMs = log.nowMs() - Cut.APPEND_IN_FLIGHT.toMillis();
    Map<Integer, Long> ends = log.endPositions(event);
    Positions archived = archive.of(event);
    Map<Integer, Long> positions = new TreeMap<>();
    ends.forEach(
        (partition, end) -> {
          long next = archived.next(partition);
          positions.put(partition, next);
          held.add(next >= end ? nowMs : heldUntil(event, partition, next, end, nowMs));
        });
    requireSameLog(event, ends, positions);
    return positions;
  }

  /**
   * An archive that is beyond the log's end is of another log: it does not hold what is in this.
   */
  private void requireSameLog(String event, Map<Integer, Long> ends, Map<Integer, Long> positions) {
    if (ends.entrySet().stream().allMatch(e -> positions.get(e.getKey()) <= e.getValue())) {
      return;
    }
    // The archive may have followed the log in between.
    log.endPositions(event)
        .forEach(
            (partition, end) -> {
              long next = positions.getOrDefault(partition, 0L);
              if (next > end) {
                throw RecountException.of(
                    ErrorCode.LOG_TRUNCATED,
                    "Cannot cut event '%s': the archive of partition %s ends at %s, the log at %s,"
                        + " so this is not the log that was archived, and what is in it is not"
                        + " archived. The old answers stay; see recount status and the archive's"
                        + " log",
                    event,
                    partition,
                    next,
                    end);
              }
            });
  }

  private long heldUntil(String event, int partition, long next, long end, long nowMs) {
    return Math.min(nowMs, log.arrivalMs(event, partition, next, end).orElse(nowMs));
  }
}
