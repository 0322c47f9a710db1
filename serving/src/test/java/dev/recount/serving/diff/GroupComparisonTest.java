package dev.recount.serving.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.diff.VersionDiff;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GroupComparisonTest {
  private static ComparedMeasure measure(String name, MeasureKind kind, ColumnType type) {
    Measure measure = new Measure(name, kind, type, List.of());
    return new ComparedMeasure(measure, measure);
  }

  private static final ComparedMeasure HITS = measure("hits", MeasureKind.COUNT, ColumnType.LONG);
  private static final ComparedMeasure BYTES = measure("bytes", MeasureKind.SUM, ColumnType.DOUBLE);
  private static final ComparedMeasure VISITORS =
      measure("visitors", MeasureKind.THETA, ColumnType.LONG);
  private static final ComparedMeasure DEVICES =
      measure("devices", MeasureKind.HLL, ColumnType.LONG);
  private static final ComparedMeasure MEDIAN =
      measure("median", MeasureKind.TDIGEST, ColumnType.DOUBLE);
  private static final ComparedMeasure LAST = measure("last", MeasureKind.MAX, ColumnType.STRING);

  private static List<Object> row(Object... values) {
    return Arrays.asList(values);
  }

  private static GroupComparison compared(
      int dimensions,
      List<ComparedMeasure> measures,
      List<List<Object>> from,
      List<List<Object>> to) {
    GroupComparison comparison = new GroupComparison(dimensions, measures, 3);
    comparison.compare(from, to);
    return comparison;
  }

  private static VersionDiff.MeasureDiff ofOneGroup(ComparedMeasure measure, Object a, Object b) {
    List<Object> from = a instanceof List<?> many ? new ArrayList<>(many) : row(a);
    List<Object> to = b instanceof List<?> many ? new ArrayList<>(many) : row(b);
    return compared(0, List.of(measure), List.of(from), List.of(to))
        .measures(List.of(from), List.of(to))
        .get(0);
  }

  @Test
  void groups_areEqualChangedNewOrGone() {
    GroupComparison comparison =
        compared(
            1,
            List.of(HITS, BYTES),
            List.of(row("a", 1L, 2.0), row("b", 3L, 4.0), row("c", 5L, 6.0), row(null, 7L, null)),
            List.of(row("a", 1L, 2.0), row("b", 3L, 9.0), row("d", 8L, 1.0), row(null, 7L, null)));
    assertThat(comparison.groups()).isEqualTo(new VersionDiff.Groups(2, 1, 1, 1));
    assertThat(comparison.sample())
        .containsExactlyInAnyOrder(
            new VersionDiff.Group(List.of("b"), "changed", row(3L, 4.0), row(3L, 9.0)),
            new VersionDiff.Group(List.of("d"), "new", null, row(8L, 1.0)),
            new VersionDiff.Group(List.of("c"), "gone", row(5L, 6.0), null));
    List<VersionDiff.MeasureDiff> measures =
        comparison.measures(List.of(row(16L, 12.0)), List.of(row(19L, 12.0)));
    assertThat(measures.get(0))
        .isEqualTo(
            new VersionDiff.MeasureDiff(
                "hits", "COUNT", 16L, 19L, 3.0, 3.0 / 16, 3, 0, 0, List.of()));
    assertThat(measures.get(1).changed()).isEqualTo(1);
    assertThat(measures.get(1).largest())
        .containsExactly(new VersionDiff.Largest(List.of("b"), 4.0, 9.0, 5.0));
  }

  @Test
  void wholeNumberOfAnotherType_namesTheSameGroup() {
    GroupComparison comparison =
        compared(1, List.of(HITS), List.of(row(404, 1L)), List.of(row(404L, 1)));
    assertThat(comparison.groups()).isEqualTo(new VersionDiff.Groups(1, 0, 0, 0));
  }

  @Test
  void largestDifferences_areKept_largestFirst() {
    List<List<Object>> from = new ArrayList<>();
    List<List<Object>> to = new ArrayList<>();
    for (long i = 0; i < 100; i++) {
      from.add(row(i, 100L));
      to.add(row(i, 100L + (i % 2 == 0 ? i : -i)));
    }
    GroupComparison comparison = compared(1, List.of(HITS), from, to);
    assertThat(comparison.measures(List.of(row(1L)), List.of(row(2L))).get(0).largest())
        .extracting(VersionDiff.Largest::difference)
        .containsExactly(-99.0, 98.0, -97.0);
    assertThat(comparison.groups().equal()).as("that of no difference").isEqualTo(1);
    assertThat(comparison.sample()).hasSize(3);
  }

  @Test
  void sketchesWithinTheirError_areNotChanged() {
    assertThat(ofOneGroup(VISITORS, 100_000L, 102_000L).withinError()).isEqualTo(1);
    assertThat(ofOneGroup(VISITORS, 100_000L, 120_000L).changed()).isEqualTo(1);
    assertThat(ofOneGroup(VISITORS, 1_000L, 1_001L).changed())
        .as("so few values a Theta sketch holds all")
        .isEqualTo(1);
    assertThat(ofOneGroup(DEVICES, 10L, 11L).withinError()).isEqualTo(1);
    assertThat(ofOneGroup(DEVICES, 1_000L, 1_300L).changed()).isEqualTo(1);
    assertThat(ofOneGroup(MEDIAN, List.of(5.0, 4.0, 6.0), List.of(5.5, 5.2, 6.1)).withinError())
        .isEqualTo(1);
    assertThat(ofOneGroup(MEDIAN, List.of(5.0, 4.0, 6.0), List.of(9.0, 8.0, 9.5)).changed())
        .isEqualTo(1);
    assertThat(ofOneGroup(MEDIAN, List.of(5.0, 4.0, 6.0), List.of(5.0, 3.0, 7.0)).equal())
        .isEqualTo(1);
  }

  /** Of many estimates some lie beyond three standard errors by chance. */
  @Test
  void boundOfSketches_growsWithTheirNumber() {
    List<List<Object>> from =
        IntStream.range(0, 10_000).mapToObj(i -> row((long) i, 100_000L)).toList();
    List<List<Object>> to =
        IntStream.range(0, 10_000).mapToObj(i -> row((long) i, 108_000L)).toList();
    assertThat(compared(1, List.of(VISITORS), from, to).groups().equal()).isEqualTo(10_000);
    assertThat(compared(1, List.of(VISITORS), from.subList(0, 1), to.subList(0, 1)).groups())
        .isEqualTo(new VersionDiff.Groups(0, 1, 0, 0));
  }

  @Test
  void otherOrderOfAddition_isNoDifference_andNullIsOne() {
    assertThat(ofOneGroup(BYTES, 0.1 + 0.2, 0.3).equal()).isEqualTo(1);
    assertThat(ofOneGroup(BYTES, 0.0, -0.0).equal()).isEqualTo(1);
    assertThat(ofOneGroup(BYTES, Double.NaN, Double.NaN).equal()).isEqualTo(1);
    assertThat(ofOneGroup(BYTES, 1.0, null).changed()).isEqualTo(1);
    assertThat(ofOneGroup(BYTES, null, null).equal()).isEqualTo(1);
    assertThat(ofOneGroup(LAST, "a", "b").changed()).isEqualTo(1);
    assertThat(ofOneGroup(LAST, "a", "b").difference()).isNull();
    long large = 1L << 53;
    assertThat(ofOneGroup(HITS, large, large + 1).changed()).as("whole numbers").isEqualTo(1);
  }

  @Test
  void measuresOfOtherKinds_areComparedIfTheyAreNumbers() {
    Measure count = new Measure("m", MeasureKind.COUNT, ColumnType.LONG, List.of());
    Measure sum = new Measure("m", MeasureKind.SUM, ColumnType.DOUBLE, List.of());
    Measure text = new Measure("m", MeasureKind.MAX, ColumnType.STRING, List.of());
    Measure digest = new Measure("m", MeasureKind.TDIGEST, ColumnType.DOUBLE, List.of());
    assertThat(ComparedMeasure.areComparable(count, sum)).isTrue();
    assertThat(ComparedMeasure.areComparable(text, text)).isTrue();
    assertThat(ComparedMeasure.areComparable(digest, digest)).isTrue();
    assertThat(ComparedMeasure.areComparable(count, text)).isFalse();
    assertThat(ComparedMeasure.areComparable(digest, sum)).isFalse();
  }
}
