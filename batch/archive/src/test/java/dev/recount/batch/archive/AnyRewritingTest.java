package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any sequence of appending, compacting, erasing and dying in the midst, with a reader beside:
 * every row once, at every moment.
 */
class AnyRewritingTest {
  private static final int FACTOR = Integer.getInteger("recount.test.factor", 1);

  /** More of them: -Psoak. */
  private static final int OPERATIONS = FACTOR > 1 ? 25 : 12;

  @TempDir Path home;

  /** What is appended, from just before it can be read. */
  private final Set<String> appended = ConcurrentHashMap.newKeySet();

  /** What is appended, from when it can surely be read. */
  private final Set<String> committed = ConcurrentHashMap.newKeySet();

  private final Set<String> maybeErased = ConcurrentHashMap.newKeySet();
  private final Set<String> erased = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Long> logged = new ConcurrentHashMap<>();
  private ClickArchive clicks;

  /** Any in a soak; else one, so that nothing depends on chance. */
  static List<Long> seeds() {
    return FACTOR > 1 ? new Random().longs(FACTOR).boxed().toList() : List.of(1L);
  }

  /** The end of a process. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void rows_areReadOnce(long seed) throws Exception {
    Random random = new Random(seed);
    Reader reader = new Reader();
    try (ClickArchive opened = new ClickArchive(home)) {
      clicks = opened;
      reader.start();
      for (int i = 0; i < OPERATIONS; i++) {
        operate(random);
      }
      erase(List.copyOf(maybeErased), step -> {});
      clicks.compact();
      reader.end();

      Set<String> expected = new HashSet<>(appended);
      expected.removeAll(erased);
      assertThat(places(clicks.rows())).containsExactlyInAnyOrderElementsOf(expected);
      assertThat(clicks.archive().files())
          .allSatisfy(file -> assertThat(clicks.onDisk().toString()).contains(file.name()))
          .hasSameSizeAs(clicks.onDisk());
      assertThat(
              clicks.archive().files().stream()
                  .collect(
                      Collectors.groupingBy(
                          ArchiveFile::partition, Collectors.summingLong(ArchiveFile::logged))))
          .isEqualTo(logged);
    }
  }

  private void operate(Random random) throws IOException {
    switch (random.nextInt(5)) {
      case 0, 1 -> append(random.nextInt(2), random);
      case 2 -> kill(random, steps -> clicks.compact(today(random), steps, random.nextBoolean()));
      default -> {
        List<String> left = places(clicks.rows());
        List<String> some =
            left.stream().filter(place -> random.nextInt(10) == 0).collect(Collectors.toList());
        some.addAll(maybeErased);
        kill(random, steps -> erase(some, steps));
      }
    }
  }

  private static LocalDate today(Random random) {
    return ClickArchive.DAY.plusDays(random.nextInt(3));
  }

  private void append(int partition, Random random) throws IOException {
    LocalDate day = ClickArchive.DAY.plusDays(logged.getOrDefault(partition, 0L) / 15);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int rows = random.nextInt(4);
      long first = clicks.archive().end(partition);
      for (long offset = first; offset < first + rows; offset++) {
        appended.add(partition + "/" + offset);
      }
      clicks.append(partition, day, rows).forEach(at -> committed.add(partition + "/" + at));
      logged.merge(partition, rows + 1L, Long::sum);
    }
  }

  /** Does it to its end, or to some step. */
  private static void kill(Random random, Consumer<Consumer<ArchiveRewriter.Step>> work) {
    int[] left = {random.nextInt(8)};
    try {
      work.accept(
          step -> {
            if (left[0]-- == 0) {
              throw new Killed();
            }
          });
    } catch (Killed e) {
      // As if it had never been.
    }
  }

  private void erase(List<String> some, Consumer<ArchiveRewriter.Step> steps) {
    try (ArchiveRewriter rewriter = clicks.rewriter(steps)) {
      List<ArchiveFile> files = rewriter.files();
      maybeErased.addAll(some);
      for (ArchiveFile file : files) {
        long[] offsets =
            places(ArchivedRows.of(List.of(file))).stream()
                .filter(some::contains)
                .mapToLong(place -> Long.parseLong(place.split("/")[1]))
                .toArray();
        if (offsets.length > 0) {
          rewriter.replace(List.of(file), offsets);
        }
      }
      erased.addAll(some);
      maybeErased.removeAll(some);
      rewriter.removeSuperseded(Duration.ZERO, false, text -> {});
    }
  }

  private static List<String> places(List<GenericRecord> rows) {
    return rows.stream()
        .map(row -> row.get(ArchiveLayout.PARTITION) + "/" + row.get(ArchiveLayout.OFFSET))
        .toList();
  }

  /** Reads everything, again and again. */
  private final class Reader extends Thread {
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean isEnding;
    private int reads;

    @Override
    public void run() {
      try {
        do {
          read();
          reads++;
        } while (!isEnding);
      } catch (RuntimeException | AssertionError e) {
        failure.set(e);
      }
    }

    private void read() {
      try (ArchiveReading reading = ArchiveReading.begin(clicks.catalog(), List.of("click"))) {
        Set<String> erasedBefore = new HashSet<>(erased);
        List<String> least = new ArrayList<>(committed);
        List<String> seen = places(clicks.rows());
        least.removeAll(maybeErased);
        least.removeAll(erased);
        assertThat(seen).doesNotHaveDuplicates();
        assertThat(seen).filteredOn(erasedBefore::contains).isEmpty();
        assertThat(new HashSet<>(seen)).containsAll(least);
        assertThat(appended).containsAll(seen);
        reading.requireHeld();
      }
    }

    void end() throws InterruptedException {
      isEnding = true;
      join();
      assertThat(failure.get()).isNull();
      assertThat(reads).isPositive();
    }
  }
}
