package dev.recount.serving.answer;

import dev.recount.core.view.MeasureClass;
import dev.recount.core.view.MeasureKind;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.merge.ThetaSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Finds the columns of an answer that are computed from sketches. */
public final class Estimates {
  private Estimates() {}

  /** Each with the largest error of its sketches, without one where that of a sketch is unknown. */
  public static List<Provenance.Approximate> of(BoundQuery query) {
    return query.outputs().stream().flatMap(o -> of(o, query)).toList();
  }

  private static Stream<Provenance.Approximate> of(BoundQuery.Output output, BoundQuery query) {
    return sketches(output.expression(), query.aggregates())
        .map(MeasureKind::relativeStandardError)
        .map(error -> new Provenance.Approximate(output.name(), error))
        .max(
            Comparator.comparing(
                Provenance.Approximate::relativeStandardError,
                Comparator.nullsLast(Comparator.naturalOrder())))
        .stream();
  }

  private static Stream<MeasureKind> sketches(Expression expression, List<Aggregate> aggregates) {
    if (expression instanceof Expression.Call call) {
      return call.arguments().stream().flatMap(a -> sketches(a, aggregates));
    }
    if (!(expression instanceof Expression.Merged merged)) {
      return Stream.empty();
    }
    Aggregate aggregate = aggregates.get(merged.index());
    return aggregate instanceof ThetaSet
        ? Stream.of(MeasureKind.THETA)
        : Stream.of(aggregate)
            .filter(a -> a instanceof MeasureAggregate)
            .map(a -> ((MeasureAggregate) a).measure().kind())
            .filter(kind -> kind.measureClass() == MeasureClass.SKETCH);
  }
}
