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
  private long groups;
  private long differing;
  private long drift;

  private Comparison(ViewPlan plan) {
    this.plan = plan;
  }

  /**
   * Of a view with {@code @distinct}, whose copies speed knows for a while only: a group with
   * copies may count some of them.
   *
   * @param withCopies the recount with all copies
   */
  static Comparison ofDistinct(
      ViewPlan plan,
      Map<List<Object>, List<Object>> served,
      Map<List<Object>, List<Object>> recounted,
      Map<List<Object>, List<Object>> withCopies) {
    return of(plan, served, recounted, withCopies);
  }

  static Comparison of(
      ViewPlan plan,
      Map<List<Object>, List<Object>> served,
      Map<List<Object>, List<Object>> recounted) {
    return of(plan, served, recounted, recounted);
  }

  private static Comparison of(
      ViewPlan plan,
      Map<List<Object>, List<Object>> served,
      Map<List<Object>, List<Object>> recounted,
      Map<List<Object>, List<Object>> withCopies) {
    Comparison comparison = new Comparison(plan);
    SketchBound bound = new SketchBound(comparison.estimates(recounted));
    Set<List<Object>> keys = new HashSet<>(recounted.keySet());
    keys.addAll(served.keySet());
    comparison.groups = keys.size();
    for (List<Object> key : keys) {
      comparison.compare(key, served.get(key), recounted.get(key), withCopies.get(key), bound);
    }
    return comparison;
  }

  /**
   * Whether a group differs by copies alone, as far as one can tell: it has some, and none of its
   * counts lies outside of what it is without them and with all of them.
   */
  private boolean isDrift(List<Object> served, List<Object> recounted, List<Object> withCopies) {
    if (served == null || withCopies == null || withCopies.equals(recounted)) {
      return false;
    }
    for (int i = 0; i < plan.measures().size(); i++) {
      if (plan.measures().get(i).kind() == MeasureKind.COUNT) {
        long least = recounted == null ? 0 : (Long) recounted.get(i);
        long found = (Long) served.get(i);
        if (found < least || found > (Long) withCopies.get(i)) {
          return false;
        }
      }
    }
    return true;
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
      List<Object> key,
      List<Object> served,
      List<Object> recounted,
      List<Object> withCopies,
      SketchBound bound) {
    String difference = null;
    if (served == null || recounted == null) {
      difference = "served " + served + ", recount from raw " + recounted;
    } else {
      for (int i = 0; i < plan.measures().size() && difference == null; i++) {
        difference = difference(plan.measures().get(i), served.get(i), recounted.get(i), bound);
      }
    }
    if (difference == null) {
      return;
    }
    if (isDrift(served, recounted, withCopies)) {
      drift++;
    } else {
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

  /** Groups of either side. */
  long groups() {
    return groups;
  }

  /** Groups that differ by copies alone; see {@link #ofDistinct}. */
  long drift() {
    return drift;
  }

  long differing() {
    return differing;
  }

  List<String> shown() {
    return List.copyOf(shown);
  }
}
