package dev.recount.batch.archive;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.OptionalLong;

/**
 * What the archive writer says of one partition.
 *
 * @param nextPosition up to where every record is in a committed file; -1 before the archive was
 *     read
 * @param readPosition up to where records were read, committed or not
 * @param endPosition where the log ends, as far as known; -1 if it is not
 * @param openRecords rows of the file being written
 * @param waitingSinceMs since when records wait, or may wait, and no file was committed; 0 if none
 *     do
 * @param problem what stops the partition; empty text if nothing does
 */
public record PartitionStatus(
    int partition,
    long nextPosition,
    long readPosition,
    long endPosition,
    long openRecords,
    long waitingSinceMs,
    String problem) {
  static PartitionStatus starting(int partition, long nowMs) {
    return new PartitionStatus(partition, -1, -1, -1, 0, nowMs, "");
  }

  /**
   * What it is now; a committed file, or nothing to commit, is what counts as continuing. If no
   * file is open, all that was read is in files: the rest are positions without a record, such as
   * those of a transaction that was aborted.
   *
   * @param open rows of the file being written; empty if there is none
   */
  PartitionStatus at(
      long newNextPosition,
      long newReadPosition,
      long newEndPosition,
      OptionalLong open,
      long nowMs) {
    long held = open.isPresent() ? newNextPosition : newReadPosition;
    boolean waits = newEndPosition < 0 || newEndPosition > held;
    boolean stands = waits && waitingSinceMs > 0 && held == nextPosition;
    return new PartitionStatus(
        partition,
        held,
        newReadPosition,
        newEndPosition,
        open.orElse(0),
        stands ? waitingSinceMs : waits ? nowMs : 0,
        "");
  }

  /** Records of the log that no committed file holds yet; 0 if the end is not known. */
  @JsonProperty
  public long lag() {
    return endPosition < 0 ? 0 : Math.max(0, endPosition - Math.max(0, nextPosition));
  }

  /** If it failed, the lag is unknown. */
  PartitionStatus withProblem(String text, long nowMs) {
    return new PartitionStatus(
        partition,
        nextPosition,
        readPosition,
        endPosition,
        openRecords,
        waitingSinceMs == 0 ? nowMs : waitingSinceMs,
        text);
  }
}
