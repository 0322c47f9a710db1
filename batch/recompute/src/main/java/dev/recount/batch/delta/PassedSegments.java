package dev.recount.batch.delta;

import dev.recount.infra.clients.pinot.RealtimeSegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The segments of a REALTIME side that hold nothing but deltas of arrivals before a moment. Only
 * the oldest of each partition are looked at, one after the other, so that those that stay follow
 * each other without a gap. The newest one always stays: without it, Pinot would take its partition
 * for a new one and read the topic again from the beginning.
 *
 * @param segments those that have passed
 * @param rows in them
 * @param newestMs the largest arrival in them; 0 if they have no rows
 * @param neededOffsets for each partition, the first record that Pinot may have to read again
 */
record PassedSegments(
    List<RealtimeSegment> segments, long rows, long newestMs, Map<Integer, Long> neededOffsets) {

  /** Looks for them. */
  static final class Search {
    private final long beforeMs;
    private final Function<RealtimeSegment, Optional<RealtimeSegment.State>> states;
    private final List<RealtimeSegment> passed = new ArrayList<>();
    private final Map<Integer, Long> needed = new TreeMap<>();
    private long rows;
    private long newestMs;

    /**
     * @param states what Pinot knows of a segment; empty if it is gone
     */
    Search(long beforeMs, Function<RealtimeSegment, Optional<RealtimeSegment.State>> states) {
      this.beforeMs = beforeMs;
      this.states = states;
    }

    /**
     * @param byPartition each in order
     */
    PassedSegments among(Map<Integer, List<RealtimeSegment>> byPartition) {
      byPartition.forEach(
          (partition, inOrder) -> {
            passed(inOrder);
            needed(partition, inOrder);
          });
      return new PassedSegments(List.copyOf(passed), rows, newestMs, Map.copyOf(needed));
    }

    private void passed(List<RealtimeSegment> inOrder) {
      for (int i = 0; i < inOrder.size() - 1; i++) {
        Optional<RealtimeSegment.State> found = states.apply(inOrder.get(i));
        if (found.isPresent()) {
          RealtimeSegment.State state = found.get();
          if (!hasPassed(state) && !isReadAgain(state, inOrder.get(i + 1))) {
            return;
          }
          passed.add(inOrder.get(i));
          rows += state.rows();
          newestMs = Math.max(newestMs, state.rows() == 0 ? 0 : state.newestMs());
        }
      }
    }

    private boolean hasPassed(RealtimeSegment.State state) {
      return state.isComplete() && (state.rows() == 0 || state.newestMs() < beforeMs);
    }

    /** Whether Pinot gave a segment up, and the next one reads the same records. */
    private boolean isReadAgain(RealtimeSegment.State given, RealtimeSegment next) {
      return given.isGivenUp()
          && states
              .apply(next)
              .filter(again -> again.startOffset() <= given.startOffset())
              .isPresent();
    }

    private void needed(int partition, List<RealtimeSegment> inOrder) {
      for (int i = inOrder.size() - 1; i >= 0; i--) {
        Optional<RealtimeSegment.State> found = states.apply(inOrder.get(i));
        if (found.isPresent()) {
          if (found.get().isComplete()) {
            return;
          }
          needed.merge(partition, found.get().startOffset(), Math::min);
        }
      }
    }
  }
}
