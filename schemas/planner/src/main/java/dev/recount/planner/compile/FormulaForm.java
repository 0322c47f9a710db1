package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureClass;
import dev.recount.core.view.MeasureKind;
import dev.recount.planner.compile.CompiledView.CompiledMeasure;
import dev.recount.planner.row.Refusal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Abs;
import org.apache.spark.sql.catalyst.expressions.Add;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.Divide;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GreaterThan;
import org.apache.spark.sql.catalyst.expressions.GreaterThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.LessThanOrEqual;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Multiply;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.Not;
import org.apache.spark.sql.catalyst.expressions.NullIf;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.Remainder;
import org.apache.spark.sql.catalyst.expressions.Subtract;
import org.apache.spark.sql.catalyst.expressions.TryEval;
import org.apache.spark.sql.catalyst.expressions.UnaryMinus;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.CentralMomentAgg;
import org.apache.spark.sql.catalyst.expressions.aggregate.Complete$;
import org.apache.spark.sql.catalyst.expressions.aggregate.Count;
import org.apache.spark.sql.catalyst.expressions.aggregate.StddevPop;
import org.apache.spark.sql.catalyst.expressions.aggregate.StddevSamp;
import org.apache.spark.sql.catalyst.expressions.aggregate.Sum;
import org.apache.spark.sql.catalyst.expressions.aggregate.VariancePop;
import org.apache.spark.sql.catalyst.expressions.aggregate.VarianceSamp;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DatetimeType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A measure that is computed from aggregates after their merge: the aggregates become hidden
 * measures, and the rest becomes a formula in the gateway's SQL.
 */
final class FormulaForm {
  /** What the gateway computes as Spark does, of the operands in their order. */
  private static final Map<Class<?>, String> FORMS =
      Map.ofEntries(
          Map.entry(Add.class, "(%s + %s)"),
          Map.entry(Subtract.class, "(%s - %s)"),
          Map.entry(Multiply.class, "(%s * %s)"),
          Map.entry(Divide.class, "(%s / %s)"),
          Map.entry(Remainder.class, "(%s %% %s)"),
          Map.entry(EqualTo.class, "(%s = %s)"),
          Map.entry(LessThan.class, "(%s < %s)"),
          Map.entry(LessThanOrEqual.class, "(%s <= %s)"),
          Map.entry(GreaterThan.class, "(%s > %s)"),
          Map.entry(GreaterThanOrEqual.class, "(%s >= %s)"),
          Map.entry(And.class, "(%s AND %s)"),
          Map.entry(Or.class, "(%s OR %s)"),
          Map.entry(Not.class, "(NOT %s)"),
          Map.entry(IsNull.class, "(%s IS NULL)"),
          Map.entry(IsNotNull.class, "(%s IS NOT NULL)"),
          Map.entry(UnaryMinus.class, "(0 - %s)"),
          Map.entry(Abs.class, "ABS(%s)"),
          Map.entry(TryEval.class, "%s"),
          Map.entry(If.class, "CASE WHEN %s THEN %s ELSE %s END"));

  private final String name;
  private final Expression whole;
  private final Refusal refusal;
  private final List<AggregateExpression> aggregates = new ArrayList<>();
  private final List<CompiledMeasure> inputs = new ArrayList<>();

  private FormulaForm(String name, Expression whole, Refusal refusal) {
    this.name = name;
    this.whole = whole;
    this.refusal = refusal;
  }

  /** Whether an aggregate is one that is computed from others: a variance or its root. */
  static boolean isComposed(AggregateFunction function) {
    return function instanceof VarianceSamp
        || function instanceof VariancePop
        || function instanceof StddevSamp
        || function instanceof StddevPop;
  }

  /**
   * @throws dev.recount.error.RecountException VIEW_NOT_MERGEABLE
   */
  static CompiledMeasure of(String name, Expression expression, Refusal refusal) {
    return new FormulaForm(name, expression, refusal).compile();
  }

  private CompiledMeasure compile() {
    ColumnType type = type(whole.dataType());
    String formula = text(whole);
    Measure measure =
        new Measure(
            name,
            MeasureKind.FORMULA,
            type,
            inputs.stream().flatMap(i -> i.measure().parts().stream()).toList(),
            formula,
            inputs.stream().map(CompiledMeasure::measure).toList());
    return new CompiledMeasure(measure, inputs.stream().flatMap(i -> i.parts().stream()).toList());
  }

  private ColumnType type(DataType type) {
    if (type instanceof DoubleType || type instanceof FloatType) {
      return ColumnType.DOUBLE;
    }
    if (type instanceof LongType || type instanceof IntegerType) {
      return ColumnType.LONG;
    }
    if (type instanceof BooleanType) {
      return ColumnType.BOOLEAN;
    }
    if (type instanceof StringType) {
      return ColumnType.STRING;
    }
    throw refusal.notMergeable(
        whole.sql(),
        "is computed from aggregates as " + type.sql(),
        "make it a DOUBLE: write 100D for 100.0, or CAST(... AS DOUBLE)");
  }

  private String text(Expression expression) {
    if (expression instanceof AggregateExpression aggregate) {
      return isComposed(aggregate.aggregateFunction()) ? spread(aggregate) : input(aggregate);
    }
    if (expression instanceof Literal literal) {
      return literal(literal);
    }
    String form = FORMS.get(expression.getClass());
    if (form != null) {
      return String.format(form, texts(expression).toArray());
    }
    if (expression instanceof Cast cast) {
      return cast(cast);
    }
    if (expression instanceof NullIf nullIf) {
      // Its own operands are those of before Unfailing.
      If replacement = (If) nullIf.replacement();
      String compared =
          text(CollectionConverters.asJava(replacement.predicate().children()).get(1));
      return "NULLIF(" + text(replacement.falseValue()) + ", " + compared + ")";
    }
    if (expression instanceof Coalesce) {
      return "COALESCE(" + String.join(", ", texts(expression)) + ")";
    }
    if (expression instanceof CaseWhen) {
      List<String> children = texts(expression);
      StringBuilder text = new StringBuilder("CASE");
      int pairs = children.size() / 2 * 2;
      for (int i = 0; i < pairs; i += 2) {
        text.append(" WHEN ").append(children.get(i)).append(" THEN ").append(children.get(i + 1));
      }
      if (children.size() > pairs) {
        text.append(" ELSE ").append(children.get(pairs));
      }
      return text.append(" END").toString();
    }
    if (expression instanceof org.apache.spark.sql.catalyst.expressions.RuntimeReplaceable r) {
      return text(r.replacement());
    }
    throw refused(expression);
  }

  private RuntimeException refused(Expression expression) {
    return refusal.notMergeable(
        whole.sql(),
        "is computed from aggregates by " + expression.sql(),
        "use arithmetic, comparisons, CASE, coalesce, nullif and abs of aggregates, or make each"
            + " aggregate a separate measure, and compute it in the query");
  }

  private List<String> texts(Expression expression) {
    List<String> texts = new ArrayList<>();
    CollectionConverters.asJava(expression.children()).forEach(c -> texts.add(text(c)));
    return texts;
  }

  private String cast(Cast cast) {
    DataType to = cast.dataType();
    DataType from = cast.child().dataType();
    if (to instanceof DoubleType) {
      return "CAST(" + text(cast.child()) + " AS DOUBLE)";
    }
    if (to instanceof LongType && from instanceof IntegerType
        || to instanceof LongType && from instanceof LongType
        || from instanceof NullType) {
      return text(cast.child());
    }
    throw refusal.notMergeable(
        whole.sql(),
        "is computed from aggregates as " + to.sql(),
        "make it a DOUBLE: write 100D for 100.0, or CAST(... AS DOUBLE)");
  }

  private String literal(Literal literal) {
    Object value = literal.value();
    if (value == null) {
      return "NULL";
    }
    if (literal.dataType() instanceof DatetimeType) {
      throw refused(literal);
    }
    if (value instanceof Double number && !number.isInfinite() && !number.isNaN()) {
      return "CAST(" + BigDecimal.valueOf(number).toPlainString() + " AS DOUBLE)";
    }
    if (value instanceof Long || value instanceof Integer || value instanceof Boolean) {
      return value.toString();
    }
    if (literal.dataType() instanceof StringType) {
      return "'" + value.toString().replace("'", "''") + "'";
    }
    throw refused(literal);
  }

  /** The count, sum and sum of squares of the values, and what the gateway makes of them. */
  private String spread(AggregateExpression aggregate) {
    AggregateFunction function = aggregate.aggregateFunction();
    Expression of = ((CentralMomentAgg) function).child();
    String parts =
        input(with(aggregate, new Count(CollectionConverters.asScala(List.of(of)).toSeq())))
            + ", "
            + input(with(aggregate, new Sum(of, EvalMode.LEGACY())))
            + ", "
            + input(
                with(
                    aggregate,
                    new Sum(new Multiply(of, of, EvalMode.LEGACY()), EvalMode.LEGACY())));
    boolean sample = function instanceof VarianceSamp || function instanceof StddevSamp;
    String variance = "recount_variance(" + parts + ", " + (sample ? 1 : 0) + ")";
    boolean root = function instanceof StddevSamp || function instanceof StddevPop;
    return root ? "sqrt(" + variance + ")" : variance;
  }

  private static AggregateExpression with(
      AggregateExpression aggregate, AggregateFunction function) {
    return new AggregateExpression(
        function,
        Complete$.MODULE$,
        aggregate.isDistinct(),
        aggregate.filter(),
        NamedExpression.newExprId());
  }

  /** The name of the measure that an aggregate became; the same for the same aggregate. */
  private String input(AggregateExpression aggregate) {
    for (int i = 0; i < aggregates.size(); i++) {
      if (aggregates.get(i).canonicalized().equals(aggregate.canonicalized())) {
        return quoted(inputs.get(i));
      }
    }
    aggregates.add(aggregate);
    inputs.add(MeasureForm.of(name + "__" + aggregates.size(), aggregate, refusal));
    CompiledMeasure input = inputs.get(inputs.size() - 1);
    if (input.measure().kind().measureClass() == MeasureClass.SKETCH) {
      throw refusal.notMergeable(
          whole.sql(),
          "contains a sketch",
          "make the sketch a separate measure, and compute it in the query");
    }
    return quoted(input);
  }

  private static String quoted(CompiledMeasure input) {
    return '"' + input.measure().name() + '"';
  }
}
