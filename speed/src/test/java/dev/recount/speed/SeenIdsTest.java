package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeenIdsTest {
  private static final Duration HORIZON = Duration.ofMillis(800);
  private static final long GENERATION_MS = 100;
  private static final int PLENTY = 1_000_000;

  private record Arrived(long id, long atMs) {}

  private static List<Arrived> log(long seed) {
    Random random = new Random(seed);
    List<Arrived> log = new ArrayList<>();
    long now = random.nextInt(10_000);
    for (int i = 0; i < 3_000; i++) {
      // Bursts and pauses, some longer than the horizon.
      now += random.nextInt(200) == 0 ? random.nextInt(1_500) : random.nextInt(6);
      log.add(new Arrived(random.nextInt(400), now));
    }
    return log;
  }

  private static boolean isCopy(SeenIds ids, Arrived event) {
    return ids.isCopy(event.id() * 31, event.id(), event.atMs());
  }

  private static List<Boolean> said(SeenIds ids, List<Arrived> log) {
    return log.stream().map(event -> isCopy(ids, event)).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void copy_isWhatHasAnEarlierOneWithinTheHorizon(long seed) {
    List<Arrived> log = log(seed);
    List<Boolean> said = said(new SeenIds(HORIZON, PLENTY), log);
    for (int i = 0; i < log.size(); i++) {
      Arrived event = log.get(i);
      long generation = event.atMs() / GENERATION_MS;
      boolean expected =
          log.subList(0, i).stream()
              .anyMatch(
                  e ->
                      e.id() == event.id()
                          && e.atMs() / GENERATION_MS >= generation - SeenIds.GENERATIONS);
      assertThat(said.get(i)).as("record " + i).isEqualTo(expected);
    }
    assertThat(said).contains(true, false);
  }

  @ParameterizedTest
  @ValueSource(ints = {PLENTY, 300, 100, 20, 1})
  void filledAnewFromTheLog_atAnyPlace_itSaysTheSame(int most) {
    List<Arrived> log = log(7);
    List<Boolean> said = said(new SeenIds(HORIZON, most), log);
    for (int start = 0; start < log.size(); start += 97) {
      long fromMs = SeenIds.fromMs(log.get(start).atMs(), HORIZON);
      SeenIds anew = new SeenIds(HORIZON, most);
      log.subList(0, start).stream()
          .filter(event -> event.atMs() >= fromMs)
          .forEach(event -> isCopy(anew, event));
      assertThat(said(anew, log.subList(start, log.size())))
          .as("from record " + start)
          .isEqualTo(said.subList(start, log.size()));
    }
  }

  @Test
  void idsOfTheHorizonOnly_areKept() {
    SeenIds ids = new SeenIds(HORIZON, PLENTY);
    for (int i = 0; i < 100_000; i++) {
      ids.isCopy(i, i, i);
      assertThat(ids.count()).isLessThanOrEqualTo(10 * GENERATION_MS);
    }
    assertThat(ids.inForce()).isEqualTo(HORIZON);
  }

  @Test
  void tooManyIds_theOldestAreForgotten_andTheHorizonInForceIsSaid() {
    SeenIds ids = new SeenIds(HORIZON, 250);
    for (int i = 0; i < 800; i++) {
      ids.isCopy(i, i, i);
      assertThat(ids.count()).isLessThanOrEqualTo(250);
    }
    assertThat(ids.inForce()).isEqualTo(Duration.ofMillis(100));
    assertThat(ids.isCopy(799, 799, 800)).isTrue();
    assertThat(ids.isCopy(100, 100, 800)).isFalse();

    SeenIds tiny = new SeenIds(HORIZON, 10);
    for (int i = 0; i < 90; i++) {
      tiny.isCopy(i, i, i);
    }
    assertThat(tiny.inForce()).isZero();
    assertThat(tiny.count()).isZero();
    // It heals once fewer ids come.
    assertThat(tiny.isCopy(1, 1, 5_000)).isFalse();
    assertThat(tiny.isCopy(1, 1, 5_700)).isTrue();
    assertThat(tiny.inForce()).isEqualTo(HORIZON);
  }

  @Test
  void set_holdsWhateverBits() {
    Random random = new Random(5);
    IdSet set = new IdSet();
    Set<List<Long>> expected = new HashSet<>();
    for (int i = 0; i < 50_000; i++) {
      long high = random.nextInt(3) == 0 ? 0 : random.nextInt(2_000);
      long low = random.nextInt(10) == 0 ? 2 : random.nextInt(2_000) * 65_536L + 2;
      assertThat(set.add(high, low)).isEqualTo(expected.add(List.of(high, low)));
    }
    assertThat(set.size()).isEqualTo(expected.size());
    assertThat(set.contains(0, 0)).isFalse();
    assertThat(set.add(0, 0)).isTrue();
    assertThat(set.add(0, 0)).isFalse();
    assertThat(set.contains(0, 0)).isTrue();
  }
}
