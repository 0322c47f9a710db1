package dev.recount.batch.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.infra.clients.pinot.RealtimeSegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PassedSegmentsTest {
  private final Map<Integer, List<RealtimeSegment>> all = new TreeMap<>();
  private final Map<String, RealtimeSegment.State> states = new HashMap<>();

  private void complete(int partition, int sequence, long rows, long newestMs) {
    add(
        partition,
        sequence,
        new RealtimeSegment.State(true, false, sequence * 10L, rows, newestMs));
  }

  private void consuming(int partition, int sequence) {
    add(partition, sequence, new RealtimeSegment.State(false, false, sequence * 10L, 0, 0));
  }

  private void add(int partition, int sequence, RealtimeSegment.State state) {
    String name = "t__" + partition + "__" + sequence + "__x";
    all.computeIfAbsent(partition, p -> new ArrayList<>())
        .add(new RealtimeSegment(name, partition, sequence));
    if (state != null) {
      states.put(name, state);
    }
  }

  private PassedSegments before(long ms) {
    return new PassedSegments.Search(ms, segment -> Optional.ofNullable(states.get(segment.name())))
        .among(all);
  }

  private static List<String> names(PassedSegments passed) {
    return passed.segments().stream().map(s -> s.partition() + "/" + s.sequence()).toList();
  }

  @Test
  void segmentsBeforeTheMoment_havePassed_inEachPartition() {
    complete(0, 3, 5, 90);
    complete(0, 4, 6, 100);
    consuming(0, 5);
    complete(1, 0, 7, 80);
    complete(1, 1, 8, 99);
    consuming(1, 2);

    PassedSegments passed = before(100);
    assertThat(names(passed)).containsExactly("0/3", "1/0", "1/1");
    assertThat(passed.rows()).isEqualTo(20);
    assertThat(passed.newestMs()).isEqualTo(99);
    assertThat(passed.neededOffsets()).isEqualTo(Map.of(0, 50L, 1, 20L));
  }

  @Test
  void aSegmentAfterOneThatIsNeeded_stays() {
    complete(0, 0, 1, 10);
    complete(0, 1, 1, 200);
    complete(0, 2, 1, 20);
    consuming(0, 3);

    assertThat(names(before(100))).containsExactly("0/0");
  }

  @Test
  void theNewestOfAPartition_stays_whateverItIs() {
    complete(0, 0, 1, 10);
    complete(0, 1, 1, 11);

    PassedSegments passed = before(100);
    assertThat(names(passed)).containsExactly("0/0");
    assertThat(passed.neededOffsets()).isEmpty();
  }

  @Test
  void aSegmentThatIsBeingCommitted_stays() {
    consuming(0, 0);
    consuming(0, 1);

    PassedSegments passed = before(100);
    assertThat(passed.segments()).isEmpty();
    assertThat(passed.neededOffsets()).isEqualTo(Map.of(0, 0L));
  }

  @Test
  void aSegmentThatTheNextOneReadsAgain_goes_andOneThatItDoesNotStays() {
    add(0, 0, new RealtimeSegment.State(false, true, 40, 0, 0));
    add(0, 1, new RealtimeSegment.State(true, false, 40, 3, 50));
    consuming(0, 2);
    add(1, 0, new RealtimeSegment.State(false, true, 40, 0, 0));
    add(1, 1, new RealtimeSegment.State(true, false, 45, 3, 50));
    consuming(1, 2);

    assertThat(names(before(100))).containsExactly("0/0", "0/1");
  }

  @Test
  void aSegmentThatIsGone_orHasNoRows_holdsNothingBack() {
    add(0, 0, null);
    complete(0, 1, 0, Long.MAX_VALUE);
    complete(0, 2, 4, 60);
    consuming(0, 3);

    PassedSegments passed = before(100);
    assertThat(names(passed)).containsExactly("0/1", "0/2");
    assertThat(passed.newestMs()).isEqualTo(60);
  }
}
