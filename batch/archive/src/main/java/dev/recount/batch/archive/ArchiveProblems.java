package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.IOException;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;

/** Names what stopped the writer of a partition. */
final class ArchiveProblems {
  private ArchiveProblems() {}

  static RecountException of(Throwable e, String event, int partition) {
    if (e instanceof RecountException known) {
      return known;
    }
    String thing = "Cannot archive event '" + event + "' partition " + partition + ": ";
    if (e instanceof InvalidOffsetException) {
      return RecountException.of(
          ErrorCode.LOG_TRUNCATED,
          e,
          "%sthe log no longer has the next record (%s)",
          thing,
          e.getMessage());
    }
    if (e instanceof KafkaException) {
      return new RecountException(
          ErrorCode.KAFKA_UNAVAILABLE, thing + e.getMessage() + "; it is retried", e);
    }
    if (FileErrors.isFull(e)) {
      return new RecountException(
          ErrorCode.DISK_FULL,
          thing
              + "the disk of the archive is full; free some space. Nothing is lost: events wait in"
              + " the log, for events.retention",
          e);
    }
    if (e instanceof IOException) {
      return new RecountException(
          ErrorCode.ARCHIVE_UNAVAILABLE, thing + e + "; the archive is read again first", e);
    }
    return new RecountException(ErrorCode.INTERNAL, thing + e, e);
  }

  static RecountException truncated(
      String event, int partition, long nextPosition, long begin, long end) {
    return lost(
        event,
        partition,
        nextPosition,
        begin > nextPosition
            ? "the log begins at "
                + begin
                + ", so "
                + (begin - nextPosition)
                + " positions are gone"
            : "the log ends at " + end + " before it, so this is not the log that was archived");
  }

  static RecountException anotherTopic(
      String event, int partition, long nextPosition, String archived, String found) {
    return lost(
        event,
        partition,
        nextPosition,
        "the topic has the id "
            + found
            + ", the archived one had "
            + archived
            + ", so it was deleted and created again");
  }

  private static RecountException lost(
      String event, int partition, long nextPosition, String found) {
    return RecountException.of(
        ErrorCode.LOG_TRUNCATED,
        "Cannot archive event '%s' partition %s from position %s: %s. Nothing is "
            + "skipped: the partition waits. Restore the missing records, or start a new "
            + "archive (archive.uri) and a new topic; a longer events.retention avoids this",
        event,
        partition,
        nextPosition,
        found);
  }
}
