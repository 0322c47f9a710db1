package dev.recount.serving.diff;

import dev.recount.core.diff.VersionDiff;
import dev.recount.core.view.SketchErrors;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;

/** Compares the groups of two versions, each group once. */
final class GroupComparison {
  private static final Comparator<VersionDiff.Largest> BY_SIZE =
      Comparator.comparingDouble(largest -> Math.abs(largest.difference()));

  private final int dimensions;
  private final List<ComparedMeasure> measures;
  private final int shown;
  private final List<Found> found = new ArrayList<>();
  private final List<VersionDiff.Group> sample = new ArrayList<>();
  private final Random random = new Random(0);
  private long differing;
  private long equal;
  private long changed;
  private long added;
  private long gone;
  private double standardErrors;

  /** What is found of one measure. */
  private static final class Found {
    private final PriorityQueue<VersionDiff.Largest> largest = new PriorityQueue<>(BY_SIZE);
    private long equal;
    private long withinError;
    private long changed;
  }

  /**
   * @param dimensions how many values a row begins with that name its group
   * @param shown how many differences of each kind are kept
   */
  GroupComparison(int dimensions, List<ComparedMeasure> measures, int shown) {
    this.dimensions = dimensions;
    this.measures = measures;
    this.shown = shown;
    measures.forEach(m -> found.add(new Found()));
  }

  void compare(List<List<Object>> from, List<List<Object>> to) {
    long estimates =
        measures.stream().filter(ComparedMeasure::isSketch).count()
            * Math.max(from.size(), to.size());
    standardErrors = SketchErrors.allowed(estimates);
    Map<List<Object>, List<Object>> left = new HashMap<>();
    from.forEach(row -> left.put(group(row), row));
    for (List<Object> row : to) {
      List<Object> group = group(row);
      List<Object> before = left.remove(group);
      if (before == null) {
        added++;
        differs(new VersionDiff.Group(group, VersionDiff.NEW, null, values(row)));
      } else {
        compare(group, before, row);
      }
    }
    left.forEach(
        (group, row) -> {
          gone++;
          differs(new VersionDiff.Group(group, VersionDiff.GONE, values(row), null));
        });
  }

  /** A whole number is the same, whatever type a version gives it. */
  private List<Object> group(List<Object> row) {
    List<Object> group = new ArrayList<>(dimensions);
    for (Object value : row.subList(0, dimensions)) {
      group.add(value instanceof Integer whole ? (Object) whole.longValue() : value);
    }
    return group;
  }

  private void compare(List<Object> group, List<Object> from, List<Object> to) {
    boolean isChanged = false;
    int at = dimensions;
    for (int i = 0; i < measures.size(); i++) {
      ComparedMeasure measure = measures.get(i);
      int end = at + measure.asked().size();
      switch (measure.relation(from.subList(at, end), to.subList(at, end), standardErrors)) {
        case EQUAL -> found.get(i).equal++;
        case WITHIN_ERROR -> found.get(i).withinError++;
        default -> {
          isChanged = true;
          found.get(i).changed++;
          keepLargest(found.get(i), group, from.get(at), to.get(at));
        }
      }
      at = end;
    }
    if (isChanged) {
      changed++;
      differs(new VersionDiff.Group(group, VersionDiff.CHANGED, values(from), values(to)));
    } else {
      equal++;
    }
  }

  private void keepLargest(Found of, List<Object> group, Object from, Object to) {
    if (from instanceof Number a && to instanceof Number b) {
      double difference = b.doubleValue() - a.doubleValue();
      of.largest.add(new VersionDiff.Largest(group, from, to, difference));
      if (of.largest.size() > shown) {
        of.largest.poll();
      }
    }
  }

  /** Each group that differs is as likely as any other to be shown. */
  private void differs(VersionDiff.Group group) {
    differing++;
    if (sample.size() < shown) {
      sample.add(group);
    } else {
      long place = random.nextLong(differing);
      if (place < shown) {
        sample.set((int) place, group);
      }
    }
  }

  /** The value of each measure that is shown. */
  private List<Object> values(List<Object> row) {
    List<Object> values = new ArrayList<>();
    int at = dimensions;
    for (ComparedMeasure measure : measures) {
      values.add(row.get(at));
      at += measure.asked().size();
    }
    return values;
  }

  VersionDiff.Groups groups() {
    return new VersionDiff.Groups(equal, changed, added, gone);
  }

  List<VersionDiff.Group> sample() {
    return List.copyOf(sample);
  }

  /**
   * What was found of each measure.
   *
   * @param from one row, the totals of the first version; not looked at without measures
   */
  List<VersionDiff.MeasureDiff> measures(List<List<Object>> from, List<List<Object>> to) {
    List<VersionDiff.MeasureDiff> diffs = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < measures.size(); i++) {
      diffs.add(measure(measures.get(i), found.get(i), from.get(0).get(at), to.get(0).get(at)));
      at += measures.get(i).asked().size();
    }
    return diffs;
  }

  private static VersionDiff.MeasureDiff measure(
      ComparedMeasure measure, Found of, Object from, Object to) {
    Double difference =
        from instanceof Number a && to instanceof Number b
            ? (Double) (b.doubleValue() - a.doubleValue())
            : null;
    double first = from instanceof Number a ? a.doubleValue() : 0;
    return new VersionDiff.MeasureDiff(
        measure.name(),
        measure.to().kind().name(),
        from,
        to,
        difference,
        difference == null || first == 0 ? null : (Double) (difference / first),
        of.equal,
        of.withinError,
        of.changed,
        of.largest.stream().sorted(BY_SIZE.reversed()).toList());
  }
}
