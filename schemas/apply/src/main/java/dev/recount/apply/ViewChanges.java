package dev.recount.apply;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.ViewSchedule;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.table.StarTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What differs between a version of a view and its file, in words.
 *
 * @param adjustments what apply changes under the running version: its answers stay what they are
 * @param rewrites what makes it another version
 */
record ViewChanges(List<String> adjustments, List<String> rewrites) {
  /** Header lines that say nothing of what is counted. */
  private static final Set<String> ADJUSTABLE =
      Set.of(
          "description",
          "time",
          ViewSchedule.CRON,
          ViewSchedule.ZONE,
          ViewSchedule.MODE,
          ViewSchedule.AUDIT,
          ViewPlan.COUNT,
          StarTree.KEY);

  static ViewChanges between(ViewPlan running, ViewPlan file, ViewCompiler compiler) {
    ViewChanges changes = new ViewChanges(new ArrayList<>(), new ArrayList<>());
    changes.headers(running, file);
    changes.indexes(running.indexes(), file.indexes());
    if (running.rowCounts() == null && file.rowCounts() != null) {
      changes.adjustments.add("what COUNT(*) in a query means is written down");
    }
    if (!running.event().equals(file.event())) {
      changes.rewrites.add("event " + running.event() + " to " + file.event());
    }
    if (!Objects.equals(running.join(), file.join())) {
      changes.rewrites.add("the join");
    }
    changes.columns(
        "dimension",
        byName(running.dimensions(), Dimension::name),
        byName(file.dimensions(), Dimension::name));
    changes.columns(
        "measure",
        byName(running.measures(), Measure::name),
        byName(file.measures(), Measure::name));
    if (changes.rewrites.isEmpty() && !compiler.isSame(running, file)) {
      changes.rewrites.add("an expression, its WHERE, or the order of its columns changed");
    }
    return changes;
  }

  private void headers(ViewPlan running, ViewPlan file) {
    Set<String> keys = new TreeSet<>(running.header().keySet());
    keys.addAll(file.header().keySet());
    for (String key : keys) {
      String before = running.header().get(key);
      String after = file.header().get(key);
      if (!Objects.equals(before, after)) {
        (ADJUSTABLE.contains(key) ? adjustments : rewrites)
            .add("@" + key + " " + show(before) + " to " + show(after));
      }
    }
  }

  private static String show(String value) {
    return value == null ? "(none)" : "'" + value + "'";
  }

  private void indexes(List<ViewIndex> running, List<ViewIndex> file) {
    file.stream()
        .filter(i -> !running.contains(i))
        .forEach(i -> adjustments.add("@index " + i.describe() + " added"));
    running.stream()
        .filter(i -> !file.contains(i))
        .forEach(i -> adjustments.add("@index " + i.describe() + " left out"));
  }

  private static <T> Map<String, T> byName(List<T> columns, Function<T, String> name) {
    Map<String, T> named = new LinkedHashMap<>();
    columns.forEach(c -> named.put(name.apply(c), c));
    return named;
  }

  private <T> void columns(String role, Map<String, T> running, Map<String, T> file) {
    file.forEach(
        (name, column) -> {
          if (!running.containsKey(name)) {
            rewrites.add(role + " " + name + " added");
          } else if (!running.get(name).equals(column)) {
            rewrites.add(
                role + " " + name + " (" + kind(running.get(name)) + " to " + kind(column) + ")");
          }
        });
    running.keySet().stream()
        .filter(name -> !file.containsKey(name))
        .forEach(name -> rewrites.add(role + " " + name + " left out"));
  }

  private static String kind(Object column) {
    if (column instanceof Dimension dimension) {
      return dimension.type() + (dimension.nullable() ? "" : " NOT NULL");
    }
    Measure measure = (Measure) column;
    return measure.kind()
        + " "
        + measure.type()
        + (measure.formula() == null ? "" : " " + measure.formula());
  }

  /** All of them, for {@code recount plan}. */
  List<String> all() {
    List<String> all = new ArrayList<>(rewrites);
    all.addAll(adjustments);
    return all;
  }
}
