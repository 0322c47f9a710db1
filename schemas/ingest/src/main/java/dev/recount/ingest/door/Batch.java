package dev.recount.ingest.door;

import dev.recount.error.ErrorCode;
import java.util.List;

/**
 * What became of records that were submitted together.
 *
 * @param accepted how many the brokers have acknowledged
 * @param rejected the others, in order of index; each is kept as a dead letter
 */
public record Batch(int accepted, List<Rejected> rejected) {
  public Batch {
    rejected = List.copyOf(rejected);
  }

  /**
   * A record that was refused.
   *
   * @param index its place among those submitted, from 0
   */
  public record Rejected(int index, ErrorCode code, String message) {}
}
