package dev.recount.serving.bind;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.expression.Formulas;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.GroupKey;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.scalar.Columns;
import dev.recount.serving.scalar.ScalarRenderer;
import dev.recount.serving.scalar.WhereRenderer;
import dev.recount.serving.sql.AggregateCalls;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.sql.SqlText;
import dev.recount.serving.text.TextMatch;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;

/** Binds the expressions of SELECT, HAVING and ORDER BY, and collects the aggregates they need. */
final class ExpressionBinder {
  private static final BigDecimal MEDIAN = BigDecimal.valueOf(50);

  private final Columns columns;
  private final ViewPlan plan;
  private final ScalarRenderer scalars;
  private final List<SqlNode> keyNodes;
  private final List<GroupKey> keys;
  private final boolean ownRows;
  private final AggregateBinder sqlAggregates;
  private final List<Aggregate> aggregates = new ArrayList<>();

  ExpressionBinder(
      Columns columns,
      ScalarRenderer scalars,
      List<SqlNode> keyNodes,
      List<GroupKey> keys,
      boolean ownRows,
      NeverNull neverNull) {
    this.columns = columns;
    this.plan = columns.plan();
    this.scalars = scalars;
    this.keyNodes = keyNodes;
    this.keys = keys;
    this.ownRows = ownRows;
    this.sqlAggregates = new AggregateBinder(plan, scalars, neverNull);
  }

  List<Aggregate> aggregates() {
    return List.copyOf(aggregates);
  }

  Expression bind(SqlNode node) {
    int key =
        IntStream.range(0, keyNodes.size())
            .filter(i -> SqlNodes.isSame(keyNodes.get(i), node))
            .findFirst()
            .orElse(-1);
    if (key >= 0) {
      return new Expression.Key(key, keys.get(key).scalar().type());
    }
    if (Literals.isLiteral(node)) {
      return new Expression.Constant(Literals.of(node));
    }
    if (node instanceof SqlIdentifier identifier) {
      return column(identifier);
    }
    if (node instanceof SqlCall call) {
      if (call.getKind() == SqlKind.OVER) {
        throw QueryErrors.unsupported(node, "window functions are not supported");
      }
      if (ThetaSets.isSet(call)) {
        return merged(new ThetaSets(plan, new WhereRenderer(columns, scalars)).bind(call));
      }
      if (AggregateCalls.name(call).equals("measure")) {
        MeasureCall measure = MeasureCall.of(call, plan);
        return ofMeasure(measure.measure(), measure.percentile());
      }
      if (SqlNodes.isCall(call, TextMatch.FUNCTION)) {
        return matches(call);
      }
      return AggregateCalls.is(call)
          ? merged(sqlAggregates.bind(call))
          : Formulas.call(call, this::bind);
    }
    throw QueryErrors.unsupported(node, "expressions of this kind are not supported");
  }

  private Expression matches(SqlCall call) {
    TextMatch match = TextMatch.of(call);
    Expression text = bind(match.text());
    if (text.type() != ColumnType.STRING) {
      throw QueryErrors.unsupported(call, "it needs a STRING, found " + text.type());
    }
    return new Expression.Matches(text, match.query());
  }

  private Expression column(SqlIdentifier identifier) {
    String name = SqlNodes.column(identifier);
    if (plan.measure(name).isPresent()) {
      if (ownRows) {
        return ofMeasure(plan.measure(name).get(), null);
      }
      throw QueryErrors.unsupported(
          identifier, "it is a measure; beside GROUP BY or aggregates write MEASURE(" + name + ")");
    }
    Dimension dimension = columns.dimension(identifier);
    throw QueryErrors.unsupported(
        identifier, "add " + dimension.name() + " to GROUP BY, or leave it out");
  }

  private Expression merged(Aggregate aggregate) {
    int index =
        IntStream.range(0, aggregates.size())
            .filter(i -> aggregates.get(i).key().equals(aggregate.key()))
            .findFirst()
            .orElse(aggregates.size());
    if (index == aggregates.size()) {
      aggregates.add(aggregate);
    }
    return new Expression.Merged(index, aggregate.type());
  }

  /**
   * What a measure is computed from, merged.
   *
   * @param percentile of a distribution; null for its median
   */
  private Expression ofMeasure(Measure measure, BigDecimal percentile) {
    return switch (measure.kind()) {
      case FORMULA -> {
        SqlNode formula = SqlText.parse("SELECT " + measure.formula() + " FROM v").select().get(0);
        yield ofFormula(formula, measure);
      }
      case TDIGEST ->
          merged(new MeasureAggregate(measure, percentile == null ? MEDIAN : percentile));
      default -> merged(new MeasureAggregate(measure));
    };
  }

  private Expression ofFormula(SqlNode node, Measure measure) {
    if (Literals.isLiteral(node)) {
      return new Expression.Constant(Literals.of(node));
    }
    if (node instanceof SqlIdentifier identifier) {
      Measure input =
          measure.inputs().stream()
              .filter(i -> i.name().equals(identifier.getSimple()))
              .findFirst()
              .orElseThrow();
      return merged(new MeasureAggregate(input));
    }
    return Formulas.call((SqlCall) node, n -> ofFormula(n, measure));
  }
}
