package dev.recount.batch.audit;

import dev.recount.contract.view.Measure;
import dev.recount.contract.view.MeasureKind;
import dev.recount.contract.view.ViewPlan;
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
      if (plan.measures().get(i).kind() == MeasureKind.THETA) {
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
    boolean same =
        measure.kind() == MeasureKind.THETA && served instanceof Long estimate
            ? bound.holds((Long) recounted, estimate)
            : Values.same(served, recounted);
    return same ? null : measure.name() + " served " + served + ", recount from raw " + recounted;
  }

  long differing() {
    return differing;
  }

  List<String> shown() {
    return List.copyOf(shown);
  }
}
