package dev.recount.batch.archive;

import dev.recount.core.view.TimeRange;
import java.io.Serializable;
import java.time.LocalDate;

/**
 * A committed file of the archive: all records of one partition from {@code firstPosition}
 * inclusive to {@code nextPosition} exclusive, but for those that were taken out.
 *
 * @param path with its scheme, such as {@code file:/...} or {@code hdfs://...}
 * @param schema of its rows, Avro as JSON: the event's at that time, and the archive's own columns
 * @param records rows in the file
 * @param rejected records inside the range that could not be decoded and are not in the file
 * @param erased records inside the range that a person had removed
 * @param expired records inside the range, rejected ones included, that became too old to be kept
 * @param minArrivalMs smallest arrival inside the range, rejected records included, milliseconds
 * @param maxArrivalMs largest arrival inside the range, milliseconds
 * @param minEventMs smallest event time of its rows, milliseconds; if the file does not say, the
 *     smallest there is
 * @param maxEventMs largest event time of its rows, or the largest there is
 * @param topicId of the topic that the records are from; empty if the file does not say
 * @param modifiedMs when the file was written, by the file system's clock
 */
public record ArchiveFile(
    String path,
    int partition,
    String schema,
    long firstPosition,
    long nextPosition,
    long records,
    long rejected,
    long erased,
    long expired,
    long minArrivalMs,
    long maxArrivalMs,
    long minEventMs,
    long maxEventMs,
    String topicId,
    long sizeBytes,
    long modifiedMs)
    implements Serializable {
  /** How many records the log had in the range. */
  public long logged() {
    return records + rejected + erased + expired;
  }

  /** Whether one of its rows may have an event time in the range. */
  public boolean mayHold(TimeRange eventTimes) {
    return minEventMs < eventTimes.beforeMs() && maxEventMs >= eventTimes.fromMs();
  }

  /** The last part of its path. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The day whose folder it is in: that of its rows' arrivals. */
  public LocalDate date() {
    String[] parts = path.split("/");
    return ArchiveLayout.dateOf(parts[parts.length - 3]);
  }
}
