package dev.recount.serving.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LevelsTest {
  private static final int MANY = 1_000;

  private static List<Object> row(String key, long value) {
    return List.of(key, value);
  }

  private static Levels of(int mostGone, List<List<Object>> rows) {
    Levels levels = new Levels(1, mostGone, 0);
    levels.take(rows, Set.of(), null, true);
    return levels;
  }

  @Test
  void change_holdsTheNewValuesOfWhatDiffers_andTheKeysOfWhatLeft() {
    Levels levels = of(MANY, List.of(row("a", 1), row("b", 2), row("c", 3)));
    long before = levels.number();
    levels.take(List.of(row("a", 1), row("b", 5), row("d", 4)), Set.of(), null, false);
    assertThat(levels.since(before))
        .containsExactly(
            new Levels.Change(null, List.of(row("b", 5), row("d", 4)), List.of(List.of("c"))));
    assertThat(levels.rows()).containsExactly(row("a", 1), row("b", 5), row("d", 4));
  }

  @Test
  void equalAnswer_isNoChange_unlessItIsMadeOtherwise() {
    Levels levels = of(MANY, List.of(row("a", 1)));
    long before = levels.number();
    levels.take(List.of(row("a", 1)), Set.of(List.of("a")), "run", false);
    assertThat(levels.number()).isEqualTo(before);
    levels.take(List.of(row("a", 1)), Set.of(List.of("a")), "run", true);
    assertThat(levels.since(before)).containsExactly(new Levels.Change(null, List.of(), List.of()));
  }

  @Test
  void whatARunCountedDifferently_isToldApartFromWhatEventsChanged() {
    Levels levels = of(MANY, List.of(row("a", 1), row("b", 2), row("c", 3)));
    long before = levels.number();
    levels.take(List.of(row("a", 7), row("b", 8)), Set.of(List.of("a"), List.of("c")), "run", true);
    levels.take(List.of(row("a", 7), row("b", 9)), Set.of(), null, false);
    assertThat(levels.since(before))
        .containsExactly(
            new Levels.Change("run", List.of(row("a", 7)), List.of(List.of("c"))),
            new Levels.Change(null, List.of(row("b", 9)), List.of()));
  }

  @Test
  void answerOfNoGroupAtAll_isOneRow() {
    Levels levels = new Levels(0, MANY, 0);
    levels.take(List.of(List.of(1L)), Set.of(), null, true);
    long before = levels.number();
    levels.take(List.of(List.of(2L)), Set.of(), null, false);
    assertThat(levels.since(before))
        .containsExactly(new Levels.Change(null, List.of(List.of(2L)), List.of()));
  }

  @Test
  void numbersOfBeforeTheFirstAnswer_andOfNoChangeYet_areNotKnown() {
    Levels levels = new Levels(1, MANY, 5);
    levels.take(List.of(), Set.of(), null, true);
    assertThat(levels.knowsSince(5)).isFalse();
    assertThat(levels.knowsSince(6)).isTrue();
    assertThat(levels.knowsSince(7)).isFalse();
  }

  /** Whatever it missed: applied to what it had, the changes give the answer. */
  @ParameterizedTest
  @ValueSource(ints = {0, 2, MANY})
  void subscriberThatMissedSome_hasTheAnswerAfterItsChanges(int mostGone) {
    Random random = new Random(mostGone);
    Levels levels = of(mostGone, List.of());
    List<Map<Object, List<Object>>> had = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    int resumed = 0;
    for (int turn = 0; turn < 300; turn++) {
      Map<Object, List<Object>> rows = new HashMap<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        String key = "k" + random.nextInt(8);
        rows.put(key, row(key, random.nextInt(3)));
      }
      levels.take(
          List.copyOf(rows.values()),
          Set.of(List.of("k" + random.nextInt(8))),
          random.nextBoolean() ? null : "r" + turn,
          false);
      had.add(rows);
      numbers.add(levels.number());
      int missed = random.nextInt(turn + 1);
      long seen = numbers.get(missed);
      if (levels.knowsSince(seen)) {
        Map<Object, List<Object>> client = new HashMap<>(had.get(missed));
        for (Levels.Change change : levels.since(seen)) {
          change.removed().forEach(key -> client.remove(key.get(0)));
          change.rows().forEach(row -> client.put(row.get(0), row));
        }
        assertThat(client).as("turn %s from %s", turn, missed).isEqualTo(rows);
        resumed++;
      }
    }
    assertThat(resumed).isPositive();
    assertThat(resumed == 300).isEqualTo(mostGone == MANY);
  }
}
