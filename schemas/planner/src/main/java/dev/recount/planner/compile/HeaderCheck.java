package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.row.Refusal;
import dev.recount.planner.table.StarTree;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Checks what a view's header says of its columns. */
final class HeaderCheck {
  private final ViewPlan plan;
  private final Refusal refusal;

  private HeaderCheck(ViewPlan plan, Refusal refusal) {
    this.plan = plan;
    this.refusal = refusal;
  }

  /**
   * @throws dev.recount.error.RecountException VIEW_INVALID
   */
  static void of(ViewPlan plan, Refusal refusal) {
    HeaderCheck check = new HeaderCheck(plan, refusal);
    check.time();
    check.count();
    check.starTree();
    plan.indexes().forEach(check::index);
    if (new HashSet<>(plan.indexes()).size() < plan.indexes().size()) {
      throw refusal.invalid("the header has an '@index' line twice; leave one out");
    }
  }

  private void time() {
    String name = plan.header().get("time");
    if (name == null) {
      return;
    }
    Optional<Dimension> time = plan.dimension(name);
    if (time.isEmpty() || time.get().type() != ColumnType.TIMESTAMP) {
      throw refusal.invalid(
          "'@time %s' does not name a TIMESTAMP dimension%s; name one, such as "
              + "date_trunc('HOUR', event_time) AS hour, or leave the line out",
          name, names(d -> d.type() == ColumnType.TIMESTAMP));
    }
  }

  private void count() {
    String name = plan.header().get(ViewPlan.COUNT);
    if (name == null) {
      return;
    }
    List<String> counts =
        plan.measures().stream().filter(HeaderCheck::isCount).map(Measure::name).toList();
    if (!counts.contains(name)) {
      throw refusal.invalid(
          "'@count %s' does not name a count, or a sum of whole numbers%s; name the measure that "
              + "COUNT(*) in a query is to mean, or leave the line out",
          name, counts.isEmpty() ? " (it has none)" : " (" + String.join(", ", counts) + ")");
    }
    if (plan.rowCounts().size() == 1 && !plan.rowCounts().contains(name)) {
      throw refusal.invalid(
          "'@count %s' names another measure than '%s', which is the view's only count(*), and "
              + "what COUNT(*) in a query means; leave the line out",
          name, plan.rowCounts().get(0));
    }
  }

  private static boolean isCount(Measure measure) {
    return measure.kind() == MeasureKind.COUNT
        || measure.kind() == MeasureKind.SUM && measure.type() == ColumnType.LONG;
  }

  private void starTree() {
    List<String> dimensions = StarTree.dimensions(plan);
    for (String name : dimensions) {
      if (plan.dimension(name).isEmpty()) {
        throw refusal.invalid(
            "'@star-tree' names '%s', which is not a dimension of the view%s; write -- "
                + "@star-tree COLUMN, COLUMN, with those first that queries filter by most",
            name, names(d -> true));
      }
    }
    if (!dimensions.isEmpty() && StarTree.pairs(plan).isEmpty()) {
      throw refusal.invalid(
          "'@star-tree' has nothing to sum up: Theta sketches and values at a time cannot be in a"
              + " star-tree; leave the line out");
    }
    if (dimensions.stream().distinct().count() < dimensions.size()) {
      throw refusal.invalid("'@star-tree' names a dimension twice; leave one out");
    }
  }

  private void index(ViewIndex index) {
    Optional<Dimension> dimension = plan.dimension(index.column());
    Optional<Measure> measure = plan.measure(index.column());
    if (dimension.isEmpty() && measure.isEmpty()) {
      throw refusal.invalid(
          "%s does not name a column of the view; index a dimension%s",
          line(index), names(d -> true));
    }
    switch (index.kind()) {
      case TEXT -> text(index, dimension, measure);
      case RANGE -> range(index, dimension);
      default -> required(index, dimension);
    }
  }

  private Dimension required(ViewIndex index, Optional<Dimension> dimension) {
    return dimension.orElseThrow(
        () ->
            refusal.invalid(
                "%s names a measure, but an index finds rows by dimensions; leave the line "
                    + "out, or index a dimension%s",
                line(index), names(d -> true)));
  }

  private void range(ViewIndex index, Optional<Dimension> dimension) {
    ColumnType type = required(index, dimension).type();
    boolean ordered =
        type == ColumnType.INT
            || type == ColumnType.LONG
            || type == ColumnType.DOUBLE
            || type == ColumnType.DATE
            || type == ColumnType.TIMESTAMP;
    if (!ordered) {
      throw refusal.invalid(
          "%s names a %s; a range index is for numbers, dates and timestamps; leave it "
              + "out: strings and booleans are found by the inverted index that they have by "
              + "default",
          line(index), type);
    }
  }

  private void text(ViewIndex index, Optional<Dimension> dimension, Optional<Measure> measure) {
    if (plan.textColumn(index.column()).isEmpty()) {
      ColumnType type = dimension.map(Dimension::type).orElseGet(() -> measure.get().type());
      throw refusal.invalid(
          "%s names a %s; a text index is for strings%s",
          line(index),
          type,
          dimension.isPresent() ? ": write -- @index " + index.column() + " range" : "");
    }
  }

  private static String line(ViewIndex index) {
    return "'@index " + index.describe() + "'";
  }

  private String names(Predicate<Dimension> which) {
    List<String> names = plan.dimensions().stream().filter(which).map(Dimension::name).toList();
    return names.isEmpty() ? " (it has none)" : " (" + String.join(", ", names) + ")";
  }
}
