package dev.recount.infra.clients.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A segment of a table's REALTIME side: some records of a partition of its topic. Pinot names them
 * {@code <table>__<partition>__<sequence>__<time>}.
 */
public record RealtimeSegment(String name, int partition, int sequence) {
  private static final Pattern NAME = Pattern.compile(".+__(\\d+)__(\\d+)__[^_]+");

  /** A segment of that name; empty if it does not read a topic. */
  static Optional<RealtimeSegment> named(String name) {
    Matcher parts = NAME.matcher(name);
    return parts.matches()
        ? Optional.of(
            new RealtimeSegment(
                name, Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2))))
        : Optional.empty();
  }

  /**
   * What Pinot knows of a segment.
   *
   * @param isComplete whether it is stored beside the log, and all of Pinot knows it
   * @param isGivenUp whether no server reads it any more although it is not complete
   * @param startOffset of the first record that it reads
   * @param rows if it is complete
   * @param newestMs the largest time of its rows, if it is complete and has any
   */
  public record State(
      boolean isComplete, boolean isGivenUp, long startOffset, long rows, long newestMs) {
    /**
     * @param copies the states of its copies as the servers report them; empty if there are none,
     *     as while it is being deleted
     */
    static State of(JsonNode metadata, Set<String> copies) {
      boolean isDone = metadata.path("segment.realtime.status").asText().equals("DONE");
      boolean isConsuming = copies.contains("CONSUMING");
      return new State(
          isDone && !isConsuming,
          !isDone && copies.equals(Set.of("OFFLINE")),
          metadata.path("segment.realtime.startOffset").asLong(),
          metadata.path("segment.total.docs").asLong(),
          metadata.path("segment.end.time").asLong());
    }
  }
}
