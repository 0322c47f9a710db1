package dev.recount.serving.bind;

import dev.recount.core.view.IndexKind;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.expression.Operator;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.sql.Quoted;
import dev.recount.serving.text.TextMatch;
import java.util.List;
import java.util.Set;

/**
 * Finds the groups that can pass {@code HAVING TEXT_MATCH(MEASURE(x), '...')} without merging all.
 * The merged x of MAX_BY, MIN_BY, MIN or MAX is a value that some stored row of the group has: so a
 * group without a stored row that matches cannot pass. Whether one with such a row passes is seen
 * from its merged value: the row may be older than the latest.
 */
final class HavingSearch {
  private static final Set<MeasureKind> OF_STORED_VALUES =
      Set.of(MeasureKind.MAX_BY, MeasureKind.MIN_BY, MeasureKind.MIN, MeasureKind.MAX);

  private HavingSearch() {}

  /** What a stored row of every group that passes fulfils, for Pinot; empty if not known. */
  static String candidates(Expression having, List<Aggregate> aggregates, ViewPlan plan) {
    if (having instanceof Expression.Call call && call.operator() == Operator.AND) {
      return call.arguments().stream()
          .map(a -> candidates(a, aggregates, plan))
          .filter(c -> !c.isEmpty())
          .findFirst()
          .orElse("");
    }
    if (having instanceof Expression.Matches matches
        && matches.text() instanceof Expression.Merged merged
        && aggregates.get(merged.index()) instanceof MeasureAggregate aggregate
        && OF_STORED_VALUES.contains(aggregate.measure().kind())
        && plan.hasIndex(aggregate.measure().name(), IndexKind.TEXT)) {
      return TextMatch.FUNCTION
          + "("
          + Quoted.name(plan.textColumn(aggregate.measure().name()).orElseThrow())
          + ", "
          + Quoted.text(matches.query().pinot(false))
          + ")";
    }
    return "";
  }
}
