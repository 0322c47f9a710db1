package dev.recount.planner.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryTest {
  private static final int MANY = 80_000;

  private long compared;

  private History<Long> counting() {
    return new History<>(
        (a, b) -> {
          compared++;
          return Long.compare(a, b);
        });
  }

  /** In the order of the log; two partitions one after the other; the newest first; any. */
  @ParameterizedTest
  @ValueSource(strings = {"in order", "two partitions", "backwards", "shuffled"})
  void manyRecordsOfOneKey_takeStepsInProportionToThem(String order) {
    List<Long> records = new ArrayList<>(LongStream.range(0, MANY).boxed().toList());
    switch (order) {
      case "two partitions" ->
          records.sort(Comparator.<Long>comparingLong(r -> r % 2).thenComparing(r -> r));
      case "backwards" -> Collections.reverse(records);
      case "shuffled" -> Collections.shuffle(records, new Random(5));
      default -> Collections.sort(records);
    }
    History<Long> history = counting();
    for (Long each : records) {
      history.add(each);
      history.forgetBefore(-1L, dropped -> {});
      history.before(each);
    }
    // Three times the height of the tree, with room; one walk after the other would be 10^9 steps.
    assertThat(compared).isLessThan(MANY * 100L);
  }

  @Test
  void history_isWhatASortedSetSays() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      History<Long> history = counting();
      TreeSet<Long> all = new TreeSet<>();
      for (int i = 0; i < 20; i++) {
        long record = random.nextInt(100);
        if (all.add(record)) {
          history.add(record);
        }
        long bound = random.nextInt(110) - 5L;
        assertThat(history.before(bound)).isEqualTo(all.lower(bound));
        if (random.nextInt(5) == 0) {
          List<Long> dropped = new ArrayList<>();
          history.forgetBefore(bound, dropped::add);
          Long kept = all.lower(bound);
          List<Long> expected = kept == null ? List.of() : List.copyOf(all.headSet(kept));
          assertThat(dropped).isEqualTo(expected);
          all.removeAll(expected);
          assertThat(history.hasSeveral()).isEqualTo(all.size() > 1);
        }
      }
    }
  }
}
