package dev.recount.serving.answer;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.Sources;
import java.util.ArrayList;
import java.util.List;

/**
 * A query whose columns that add up are also answered as the part of each layer, in columns behind
 * the others. Both parts come from the same question to Pinot as the whole: a row of batch is one
 * with an arrival before the cut.
 *
 * @param query what is to be asked
 * @param columns what it answers with
 */
public record Shares(BoundQuery query, List<Answer.Column> columns) {
  /** No arrival is before it: there is no batch. */
  private static final long NO_CUT = 0;

  /** The query as it is, without parts. */
  public static Shares none(BoundQuery query) {
    return new Shares(query, wholes(query));
  }

  /**
   * The query with the parts of what it asks.
   *
   * @throws RecountException REQUEST_INVALID if a part cannot be named because a column has its
   *     name
   */
  public static Shares of(BoundQuery query, Mode mode, Sources sources) {
    List<Answer.Column> columns = new ArrayList<>(wholes(query));
    List<BoundQuery.Output> outputs = new ArrayList<>(query.outputs());
    List<Aggregate> aggregates = new ArrayList<>(query.aggregates());
    List<String> warnings = new ArrayList<>(query.warnings());
    for (BoundQuery.Output whole : query.outputs()) {
      MeasureAggregate measure = addingUp(whole.expression(), query);
      if (measure != null) {
        for (Mode layer : List.of(Mode.BATCH, Mode.SPEED)) {
          aggregates.add(measure.among(condition(layer, mode, sources)));
          Answer.Column column =
              new Answer.Column(
                  whole.name() + "." + layer.label(),
                  whole.expression().type(),
                  whole.name(),
                  layer.label());
          requireFree(column.name(), columns);
          columns.add(column);
          outputs.add(
              new BoundQuery.Output(
                  column.name(), new Expression.Merged(aggregates.size() - 1, column.type())));
        }
      } else if (isMerged(whole.expression())) {
        warnings.add(
            "'" + whole.name() + "' has no shares: only a count or a sum is its parts added up");
      }
    }
    return new Shares(query.with(aggregates, outputs, warnings), columns);
  }

  private static List<Answer.Column> wholes(BoundQuery query) {
    return query.outputs().stream()
        .map(o -> new Answer.Column(o.name(), o.expression().type()))
        .toList();
  }

  /** The measure that a column is; null if it is none whose parts add up. */
  private static MeasureAggregate addingUp(Expression expression, BoundQuery query) {
    return expression instanceof Expression.Merged merged
            && query.aggregates().get(merged.index()) instanceof MeasureAggregate measure
            && measure.addsUp()
        ? measure
        : null;
  }

  private static boolean isMerged(Expression expression) {
    return expression instanceof Expression.Merged
        || expression instanceof Expression.Call call
            && call.arguments().stream().anyMatch(Shares::isMerged);
  }

  /** Which of the rows that the mode asks are of a layer. */
  private static String condition(Mode layer, Mode mode, Sources sources) {
    boolean isOfSpeedAlone = mode == Mode.DELTAS || sources.publication() == null;
    long cut = isOfSpeedAlone ? NO_CUT : sources.publication().cutMs();
    return "\"_arrived\" " + (layer == Mode.BATCH ? "< " : ">= ") + cut;
  }

  private static void requireFree(String name, List<Answer.Column> columns) {
    if (columns.stream().anyMatch(c -> c.name().equals(name))) {
      throw RecountException.of(
          ErrorCode.REQUEST_INVALID,
          "Cannot answer with shares: two columns would be named '%s'; give one another name with"
              + " AS",
          name);
    }
  }
}
