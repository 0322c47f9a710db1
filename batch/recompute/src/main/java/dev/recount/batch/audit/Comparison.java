package dev.recount.batch.audit;

import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares what is served with a recount, group by group. */
final class Comparison {
  /** Differences that are spelled out; the rest is only counted. */
  static final int SHOWN = 5;

  private final ViewPlan plan;
  private final List<String> shown = new ArrayList<>();
  private long differing;

  private Comparison(ViewPlan plan) {
    this.plan = plan;
  }

  static Comparison of(
      ViewPlan plan,
      Map<List<Object>, List<Object>> served,
      Map<List<Object>, List<Object>> recounted) {
    Comparison comparison = new Comparison(plan);
    SketchBound bound = new SketchBound(comparison.estimates(recounted));
    Set<List<Object>> keys = new HashSet<>(recounted.keySet());
    keys.addAll(served.keySet());
    for (List<Object> key : keys) {
      comparison.compare(key, served.get(key), recounted.get(key), bound);
    }
    return comparison;
  }

  private long estimates(Map<List<Object>, List<Object>> recounted) {
    long estimates = 0;
    for (int i = 0; i < plan.measures().size(); i++) {
      int measure = i;
      MeasureKind kind = plan.measures().get(i).kind();
      if (kind == MeasureKind.HLL) {
        estimates += recounted.size();
      }
      if (kind == MeasureKind.THETA) {
        estimates +=
            recounted.values().stream()
                .filter(v -> SketchBound.isEstimate((Long) v.get(measure)))
                .count();
      }
    }
    return estimates;
  }

  private void compare(
      List<Object> key, List<Object> served, List<Object> recounted, SketchBound bound) {
    String difference = null;
    if (served == null || recounted == null) {
      difference = "served " + served + ", recount from raw " + recounted;
    } else {
      for (int i = 0; i < plan.measures().size() && difference == null; i++) {
        difference = difference(plan.measures().get(i), served.get(i), recounted.get(i), bound);
      }
    }
    if (difference != null) {
      differing++;
      if (shown.size() < SHOWN) {
        shown.add(key + ": " + difference);
      }
    }
  }

  private static String difference(
      Measure measure, Object served, Object recounted, SketchBound bound) {
    boolean same = same(measure, served, recounted, bound);
    return same ? null : measure.name() + " served " + served + ", recount from raw " + recounted;
  }

  private static boolean same(Measure measure, Object served, Object recounted, SketchBound bound) {
    if (measure.kind() == MeasureKind.THETA && served instanceof Long estimate) {
      return bound.holds((Long) recounted, estimate);
    }
    if (measure.kind() == MeasureKind.HLL && served instanceof Long estimate) {
      return bound.holdsHll((Long) recounted, estimate);
    }
    if (measure.kind() == MeasureKind.TDIGEST && served instanceof Double median) {
      return recounted instanceof List<?> around
          && median >= (Double) around.get(0)
          && median <= (Double) around.get(1);
    }
    if (measure.kind() == MeasureKind.FORMULA) {
      return Values.sameFormula(served, recounted);
    }
    return Values.same(served, recounted);
  }

  long differing() {
    return differing;
  }

  List<String> shown() {
    return List.copyOf(shown);
  }
}
