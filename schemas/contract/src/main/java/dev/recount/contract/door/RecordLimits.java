package dev.recount.contract.door;

import dev.recount.contract.config.RecountConfig;

/**
 * How large a record may be as it comes.
 *
 * @param largestBytes of one; what is larger is refused, and not held in memory
 * @param longestValueBytes within how many bytes a quote must be closed in CSV
 */
record RecordLimits(int largestBytes, int longestValueBytes) {
  static RecordLimits of(RecountConfig.Events events) {
    return new RecordLimits(events.largestRecordBytes(), events.maxSizeBytes());
  }
}
