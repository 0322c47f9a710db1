package dev.recount.batch.audit;

import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.Map;

/** How many events groups stand for, by the view's first count. */
final class Events {
  private Events() {}

  static boolean isCounted(ViewPlan plan) {
    return firstCount(plan) >= 0;
  }

  /** 0 if the view counts none. */
  static long of(ViewPlan plan, Map<List<Object>, List<Object>> groups) {
    int count = firstCount(plan);
    return count < 0 ? 0 : groups.values().stream().mapToLong(v -> (Long) v.get(count)).sum();
  }

  /** Its place among the measures; -1 if there is none. */
  static int firstCount(ViewPlan plan) {
    for (int i = 0; i < plan.measures().size(); i++) {
      if (plan.measures().get(i).kind() == MeasureKind.COUNT) {
        return i;
      }
    }
    return -1;
  }
}
