package dev.recount.ingest.source;

import dev.recount.core.config.RecountConfig;

/**
 * How large a record may be as it comes.
 *
 * @param largestBytes of one; what is larger is refused, and not held in memory
 * @param longestValueBytes within how many bytes a quote must be closed in CSV
 */
public record RecordLimits(int largestBytes, int longestValueBytes) {
  public static RecordLimits of(RecountConfig.Events events) {
    return new RecordLimits(events.largestRecordBytes(), events.maxSizeBytes());
  }
}
