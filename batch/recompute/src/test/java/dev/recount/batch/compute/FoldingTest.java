package dev.recount.batch.compute;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.batch.segment.SegmentBuilder;
import dev.recount.core.catalog.BatchPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldingTest {
  private static final long SMALL_BYTES = 1L << 20;
  private static final long ROW_BYTES = 40;
  private static final long SEGMENT_ROWS = 500_000;
  private static final int RUNS = 5_000;
  private static final int MOST_PARTS = 30;

  /** A view that is run again and again. */
  private static final class View {
    private final Folding folding = new Folding(SMALL_BYTES, 100);
    private final List<BatchPart> parts = new ArrayList<>();
    private long counted;
    private long written;
    private int most;
    private long segments;

    void base(long rows, int segmentCount) {
      parts.add(new BatchPart("base", 0, 1, rows, rows * ROW_BYTES, segmentCount));
      counted += rows;
    }

    void run(int number, long rows, boolean isMerging) {
      List<BatchPart> folded = folding.choose(parts, rows, rows * ROW_BYTES);
      long all = rows + folded.stream().mapToLong(BatchPart::rows).sum();
      parts.subList(parts.size() - folded.size(), parts.size()).clear();
      counted += rows;
      written += all;
      long kept = isMerging ? Math.min(all, 1000) : all;
      int segmentCount = (int) ((kept + SEGMENT_ROWS - 1) / SEGMENT_ROWS);
      if (kept > 0) {
        parts.add(new BatchPart("r" + number, 0, number, kept, kept * ROW_BYTES, segmentCount));
      }
      most = Math.max(most, parts.size());
      segments = Math.max(segments, parts.stream().mapToLong(BatchPart::segments).sum());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2_000, 40_000, 3_000_000})
  void partsStayFew_andARowIsRarelyWrittenAgain_howeverLongItRuns(long rows) {
    View view = run(() -> rows, false, 0);

    assertThat(view.most).isLessThanOrEqualTo(MOST_PARTS);
    double again = (double) view.written / view.counted;
    double tiers = 2 + Math.log((double) RUNS * rows * ROW_BYTES) / Math.log(Folding.AT_ONCE);
    assertThat(again).as("how often a row is written").isLessThan(tiers + smallRewrites(rows));
  }

  /** What is small enough is merged with the part before in every run. */
  private static double smallRewrites(long rows) {
    return (double) SMALL_BYTES / (rows * ROW_BYTES);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void partsStayFew_whateverTheirSizes(int seed) {
    Random random = new Random(seed);
    View view = run(() -> (long) Math.pow(10, random.nextDouble() * 7), false, 0);

    assertThat(view.most).isLessThanOrEqualTo(MOST_PARTS);
  }

  @Test
  void groupsThatCoincide_stayOnePartBesideTheFirst() {
    View view = run(() -> 800, true, 64_000);

    assertThat(view.parts).extracting(BatchPart::runId).contains("base").hasSize(2);
  }

  @Test
  void emptyIncrement_foldsNothing() {
    View view = run(() -> 0, false, 64_000);

    assertThat(view.parts).extracting(BatchPart::runId).containsExactly("base");
  }

  @Test
  void segmentsBeyondTheLimit_areFoldedIfHalfAsManyHoldThem() {
    View view = new View();
    view.base(1_000_000, 101);
    view.run(1, 10, false);
    assertThat(view.parts).extracting(BatchPart::runId).containsExactly("r1");
    assertThat(view.parts.get(0).segments()).isEqualTo(3);

    View large = new View();
    large.base(60_000_000, 120);
    large.run(1, 10, false);
    assertThat(large.parts).extracting(BatchPart::runId).containsExactly("base", "r1");
  }

  @Test
  void segmentsThatAreFewRowsAndManyBytes_areNotFoldedInVain() {
    Folding folding = new Folding(SMALL_BYTES, 100);
    BatchPart sketches =
        new BatchPart("base", 0, 1, 3_000_000, 120 * SegmentBuilder.MAX_BYTES, 120);
    assertThat(folding.choose(List.of(sketches), 10, 400)).isEmpty();
  }

  /** Such as long texts, which take more room in a segment than on the lake. */
  @Test
  void foldThatDidNotHelp_isNotTriedAgain() {
    Folding folding = new Folding(SMALL_BYTES, 100);
    BatchPart base = new BatchPart("base", 0, 1, 1_000_000, 40_000_000, 120);
    assertThat(folding.choose(List.of(base), 10, 400)).containsExactly(base);

    List<BatchPart> parts = new ArrayList<>();
    parts.add(new BatchPart("folded", 0, 2, 1_000_010, 40_000_400, 118, true));
    for (int run = 0; run < RUNS; run++) {
      List<BatchPart> folded = List.copyOf(folding.choose(parts, 10, 400));
      assertThat(folded).extracting(BatchPart::runId).doesNotContain("folded");
      long rows = 10 + folded.stream().mapToLong(BatchPart::rows).sum();
      parts.removeAll(folded);
      parts.add(new BatchPart("r" + run, 0, run, rows, rows * ROW_BYTES, 1, !folded.isEmpty()));
    }
    assertThat(parts).hasSizeLessThan(10);
  }

  private static View run(LongSupplier rows, boolean isMerging, long base) {
    View view = new View();
    if (base > 0) {
      view.base(base, 2);
    }
    for (int i = 0; i < RUNS; i++) {
      view.run(i, rows.getAsLong(), isMerging);
    }
    return view;
  }
}
