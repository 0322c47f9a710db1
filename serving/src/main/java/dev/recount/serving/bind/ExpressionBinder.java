package dev.recount.serving.bind;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.expression.Formulas;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.DimensionAggregate;
import dev.recount.serving.merge.GroupKey;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.scalar.Scalar;
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
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelectKeyword;

/** Binds the expressions of SELECT, HAVING and ORDER BY, and collects the aggregates they need. */
final class ExpressionBinder {
  private static final BigDecimal MEDIAN = BigDecimal.valueOf(50);

  private static final Map<String, MeasureKind> KIND_OF =
      Map.of("min", MeasureKind.MIN, "max", MeasureKind.MAX, "avg", MeasureKind.AVERAGE);

  private final ViewPlan plan;
  private final ScalarRenderer scalars;
  private final List<SqlNode> keyNodes;
  private final List<GroupKey> keys;
  private final boolean ownRows;
  private final NeverNull neverNull;
  private final List<Aggregate> aggregates = new ArrayList<>();

  ExpressionBinder(
      ViewPlan plan,
      ScalarRenderer scalars,
      List<SqlNode> keyNodes,
      List<GroupKey> keys,
      boolean ownRows,
      NeverNull neverNull) {
    this.plan = plan;
    this.scalars = scalars;
    this.keyNodes = keyNodes;
    this.keys = keys;
    this.ownRows = ownRows;
    this.neverNull = neverNull;
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
      return Formulas.constant(Literals.of(node));
    }
    if (node instanceof SqlIdentifier identifier) {
      return column(identifier);
    }
    if (node instanceof SqlCall call) {
      if (call.getKind() == SqlKind.OVER) {
        throw QueryErrors.unsupported(node, "window functions are not supported");
      }
      if (ThetaSets.isSet(call)) {
        return merged(new ThetaSets(this::measure, new WhereRenderer(scalars)).bind(call));
      }
      if (AggregateCalls.name(call).equals("measure")) {
        return measureCall(call);
      }
      if (SqlNodes.isCall(call, TextMatch.FUNCTION)) {
        return matches(call);
      }
      return AggregateCalls.is(call) ? merged(aggregate(call)) : Formulas.call(call, this::bind);
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
    Dimension dimension = scalars.dimension(identifier);
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

  private Aggregate aggregate(SqlCall call) {
    String function = AggregateCalls.name(call);
    if (function.equals("count") || function.equals("distinctcount")) {
      return count(call, function);
    }
    if (call.operandCount() != 1) {
      throw QueryErrors.unsupported(call, "it takes one column; write MEASURE(<measure>)");
    }
    SqlNode argument = call.operand(0);
    Measure measure = measure(argument);
    if (isDistinct(call)) {
      throw QueryErrors.unsupported(call, "DISTINCT is supported in COUNT(DISTINCT <dimension>)");
    }
    if (measure != null) {
      return plainAggregate(call, function, measure);
    }
    return extremum(call, function, scalars.render(argument));
  }

  private Measure measure(SqlNode node) {
    return node instanceof SqlIdentifier identifier
        ? plan.measure(SqlNodes.column(identifier)).orElse(null)
        : null;
  }

  /** {@code MEASURE(m)}, or {@code MEASURE(m, 95)} for a percentile of a distribution. */
  private Expression measureCall(SqlCall call) {
    if (call.operandCount() < 1 || call.operandCount() > 2) {
      throw QueryErrors.unsupported(call, "write MEASURE(<measure>)");
    }
    Measure measure = measure(call.operand(0));
    if (measure == null) {
      throw noMeasure(call, call.operand(0));
    }
    BigDecimal percentile = call.operandCount() == 2 ? percentile(call) : null;
    boolean distribution = measure.kind() == MeasureKind.TDIGEST;
    if (distribution && percentile == null) {
      throw QueryErrors.unsupported(
          call,
          "it is a distribution; say which percentile, 0 to 100, such as MEASURE("
              + measure.name()
              + ", 95)");
    }
    if (!distribution && percentile != null) {
      throw QueryErrors.unsupported(
          call, "only distributions (tdigest_agg) have percentiles; leave the number out");
    }
    return ofMeasure(measure, percentile);
  }

  private static BigDecimal percentile(SqlCall call) {
    Object value = Literals.isLiteral(call.operand(1)) ? Literals.of(call.operand(1)) : null;
    if (value instanceof Number number) {
      BigDecimal percentile = new BigDecimal(number.toString());
      if (percentile.signum() >= 0 && percentile.compareTo(BigDecimal.valueOf(100)) <= 0) {
        return percentile;
      }
    }
    throw QueryErrors.unsupported(
        call, "the percentile must be a number from 0 to 100, found " + call.operand(1));
  }

  /**
   * What a measure is computed from, merged.
   *
   * @param percentile of a distribution; null for its median
   */
  private Expression ofMeasure(Measure measure, BigDecimal percentile) {
    switch (measure.kind()) {
      case FORMULA:
        SqlNode formula = SqlText.parse("SELECT " + measure.formula() + " FROM v").select().get(0);
        return ofFormula(formula, measure);
      case TDIGEST:
        return merged(new MeasureAggregate(measure, percentile == null ? MEDIAN : percentile));
      default:
        return merged(new MeasureAggregate(measure));
    }
  }

  private Expression ofFormula(SqlNode node, Measure measure) {
    if (Literals.isLiteral(node)) {
      return Formulas.constant(Literals.of(node));
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

  private RuntimeException noMeasure(SqlCall call, SqlNode argument) {
    List<String> names = plan.measures().stream().map(Measure::name).toList();
    if (argument instanceof SqlIdentifier identifier) {
      String name = SqlNodes.column(identifier);
      if (plan.dimension(name).isEmpty()) {
        return QueryErrors.unknownColumn(name, plan.view(), names);
      }
    }
    return QueryErrors.unsupported(
        call, "MEASURE takes a measure; those of the view are " + String.join(", ", names));
  }

  /** An aggregate over a measure is allowed where it is the measure's own merge. */
  private Aggregate plainAggregate(SqlCall call, String function, Measure measure) {
    boolean isSum =
        function.equals("sum")
            && (measure.kind() == MeasureKind.COUNT || measure.kind() == MeasureKind.SUM);
    if (isSum || measure.kind() == KIND_OF.get(function)) {
      return new MeasureAggregate(measure);
    }
    throw QueryErrors.unsupported(
        call,
        "it would merge stored parts wrongly; write MEASURE("
            + measure.name()
            + "), which is "
            + measure.kind().measureClass().label());
  }

  private Aggregate count(SqlCall call, String function) {
    boolean star =
        call.operandCount() == 1
            && call.operand(0) instanceof SqlIdentifier identifier
            && identifier.isStar();
    boolean distinct = isDistinct(call) || function.equals("distinctcount");
    if (star || !distinct || call.operandCount() != 1) {
      throw QueryErrors.unsupported(
          call,
          "it would count stored rows, which is not what they stand for; write "
              + countMeasure()
              + ", or COUNT(DISTINCT <dimension>)");
    }
    if (measure(call.operand(0)) != null) {
      throw QueryErrors.unsupported(call, "a measure has no distinct values over stored rows");
    }
    Scalar scalar = scalars.render(call.operand(0));
    neverNull.requireGroupable(call, scalar);
    return new DimensionAggregate(DimensionAggregate.Function.DISTINCTCOUNT, scalar);
  }

  /** The view's count, for advice. */
  private String countMeasure() {
    return plan.measures().stream()
        .filter(m -> m.kind() == MeasureKind.COUNT)
        .map(m -> "MEASURE(" + m.name() + ")")
        .findFirst()
        .orElse("MEASURE(<measure>)");
  }

  private static boolean isDistinct(SqlCall call) {
    SqlLiteral quantifier = call.getFunctionQuantifier();
    return quantifier != null && quantifier.getValue() == SqlSelectKeyword.DISTINCT;
  }

  private Aggregate extremum(SqlCall call, String function, Scalar scalar) {
    if (!function.equals("min") && !function.equals("max")) {
      throw QueryErrors.unsupported(
          call,
          "over a dimension it would depend on how rows are stored; MIN, MAX and COUNT(DISTINCT ...)"
              + " do not");
    }
    boolean isOrdered =
        scalar.isNumber()
            || scalar.type() == ColumnType.TIMESTAMP
            || scalar.type() == ColumnType.DATE;
    if (!isOrdered || scalar.form() == Scalar.Form.BIG_DECIMAL) {
      throw QueryErrors.unsupported(
          call,
          function.toUpperCase(Locale.ROOT)
              + " of "
              + (isOrdered ? "whole numbers that a LONG may not hold" : scalar.type())
              + " is not supported; write SELECT DISTINCT ... ORDER BY ... LIMIT 1");
    }
    neverNull.requireGroupable(call, scalar);
    neverNull.requireDefined(call, scalar);
    return new DimensionAggregate(
        DimensionAggregate.Function.valueOf(function.toUpperCase(Locale.ROOT)), scalar);
  }
}
