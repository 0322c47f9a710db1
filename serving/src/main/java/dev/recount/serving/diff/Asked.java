package dev.recount.serving.diff;

import dev.recount.core.view.ViewPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * What both versions are asked: the same measures, by the same dimensions, of the same arrivals.
 *
 * @param beforeMs only what arrived before this
 */
record Asked(List<String> by, List<ComparedMeasure> measures, long beforeMs) {
  private static String quoted(String name) {
    return '"' + name + '"';
  }

  /** The groups of a version; no more than a number. */
  String groups(ViewPlan plan, long limit) {
    String keys = String.join(", ", by.stream().map(Asked::quoted).toList());
    List<String> columns = new ArrayList<>(by.stream().map(Asked::quoted).toList());
    measures.forEach(m -> columns.addAll(m.asked()));
    return select(columns, plan) + (by.isEmpty() ? "" : " GROUP BY " + keys) + " LIMIT " + limit;
  }

  /** One row of all that arrived. */
  String totals(ViewPlan plan) {
    List<String> columns = new ArrayList<>();
    measures.forEach(m -> columns.addAll(m.asked()));
    return select(columns, plan) + " LIMIT 1";
  }

  private String select(List<String> columns, ViewPlan plan) {
    return "SELECT "
        + String.join(", ", columns)
        + " FROM "
        + quoted(plan.view() + "@" + plan.version())
        + " WHERE _arrived < "
        + beforeMs;
  }
}
