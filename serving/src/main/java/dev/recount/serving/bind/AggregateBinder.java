package dev.recount.serving.bind;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.DimensionAggregate;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.scalar.Scalar;
import dev.recount.serving.scalar.ScalarRenderer;
import dev.recount.serving.sql.AggregateCalls;
import dev.recount.serving.sql.QueryErrors;
import java.util.Locale;
import java.util.Map;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelectKeyword;

/** Binds SQL's own aggregates, where they are a right merge of what is stored. */
final class AggregateBinder {
  private static final Map<String, MeasureKind> KIND_OF =
      Map.of("min", MeasureKind.MIN, "max", MeasureKind.MAX, "avg", MeasureKind.AVERAGE);

  private final ViewPlan plan;
  private final ScalarRenderer scalars;
  private final NeverNull neverNull;

  AggregateBinder(ViewPlan plan, ScalarRenderer scalars, NeverNull neverNull) {
    this.plan = plan;
    this.scalars = scalars;
    this.neverNull = neverNull;
  }

  Aggregate bind(SqlCall call) {
    String function = AggregateCalls.name(call);
    if (function.equals("count") || function.equals("distinctcount")) {
      return count(call, function);
    }
    if (call.operandCount() != 1) {
      throw QueryErrors.unsupported(call, "it takes one column; write MEASURE(<measure>)");
    }
    SqlNode argument = call.operand(0);
    Measure measure = MeasureCall.measure(argument, plan);
    if (isDistinct(call)) {
      throw QueryErrors.unsupported(call, "DISTINCT is supported in COUNT(DISTINCT <dimension>)");
    }
    if (measure != null) {
      return plainAggregate(call, function, measure);
    }
    return extremum(call, function, scalars.render(argument));
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
        "it would merge stored parts wrongly; write MEASURE(%s), which is %s"
            .formatted(measure.name(), measure.kind().measureClass().label()));
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
    if (MeasureCall.measure(call.operand(0), plan) != null) {
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
