package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Found;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.Rank;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.WideSum;
import dev.recount.planner.compile.CompiledView.CompiledMeasure;
import dev.recount.planner.compile.CompiledView.Part;
import dev.recount.planner.row.Refusal;
import dev.recount.planner.sketch.HllAgg;
import dev.recount.planner.sketch.TDigestAgg;
import dev.recount.planner.sketch.ThetaSketchAgg;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.Average;
import org.apache.spark.sql.catalyst.expressions.aggregate.BoolAnd;
import org.apache.spark.sql.catalyst.expressions.aggregate.BoolOr;
import org.apache.spark.sql.catalyst.expressions.aggregate.Complete$;
import org.apache.spark.sql.catalyst.expressions.aggregate.Count;
import org.apache.spark.sql.catalyst.expressions.aggregate.CountIf;
import org.apache.spark.sql.catalyst.expressions.aggregate.Max;
import org.apache.spark.sql.catalyst.expressions.aggregate.Min;
import org.apache.spark.sql.catalyst.expressions.aggregate.Sum;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import scala.jdk.javaapi.CollectionConverters;

/** What an aggregate of a view becomes: the parts that can be added up, and how. */
final class MeasureForm {
  private final String name;
  private final AggregateExpression aggregate;
  private final Refusal refusal;

  private MeasureForm(String name, AggregateExpression aggregate, Refusal refusal) {
    this.name = name;
    this.aggregate = aggregate;
    this.refusal = refusal;
  }

  /**
   * @throws dev.recount.error.RecountException VIEW_NOT_MERGEABLE
   */
  static CompiledMeasure of(String name, AggregateExpression aggregate, Refusal refusal) {
    return new MeasureForm(name, aggregate, refusal).compile();
  }

  private CompiledMeasure compile() {
    AggregateFunction function = aggregate.aggregateFunction();
    if (aggregate.isDistinct()) {
      throw Unmergeable.distinct(function, refusal);
    }
    if (function instanceof Count || function instanceof CountIf) {
      CompiledMeasure count =
          measure(
              MeasureKind.COUNT, ColumnType.LONG, part(name, ColumnType.LONG, Merge.SUM, same()));
      return new CompiledMeasure(count.measure(), count.parts(), countsAll(function));
    }
    if (function instanceof Sum sum) {
      ColumnType type = sumType(sum.child(), "sum");
      return sum(MeasureKind.SUM, type, name, type, sum.child());
    }
    if (function instanceof Average average) {
      ColumnType type = sumType(average.child(), "avg");
      return sum(MeasureKind.AVERAGE, ColumnType.DOUBLE, name + "__sum", type, average.child());
    }
    if (function instanceof Min min) {
      return min.child().dataType() instanceof StringType
          ? text(MeasureKind.MIN, Merge.MIN, new Min(storedString(min.child())))
          : extreme(MeasureKind.MIN, Merge.MIN, min.child());
    }
    if (function instanceof Max max) {
      return max.child().dataType() instanceof StringType
          ? text(MeasureKind.MAX, Merge.MAX, new Max(storedString(max.child())))
          : extreme(MeasureKind.MAX, Merge.MAX, max.child());
    }
    if (function instanceof BoolOr) {
      return extreme(MeasureKind.MAX, Merge.MAX, bool(function));
    }
    if (function instanceof BoolAnd) {
      return extreme(MeasureKind.MIN, Merge.MIN, bool(function));
    }
    if (function instanceof ThetaSketchAgg) {
      return sketch(MeasureKind.THETA, ColumnType.LONG, Merge.THETA_UNION);
    }
    if (function instanceof HllAgg) {
      return sketch(MeasureKind.HLL, ColumnType.LONG, Merge.HLL_UNION);
    }
    if (function instanceof TDigestAgg) {
      return sketch(MeasureKind.TDIGEST, ColumnType.DOUBLE, Merge.TDIGEST_MERGE);
    }
    RankedForm ranked = RankedForm.of(function);
    if (ranked != null) {
      return ranked(ranked);
    }
    throw Unmergeable.function(function, refusal);
  }

  /** Whether it is {@code count(*)}, or says the same: a count of what is never NULL. */
  private boolean countsAll(AggregateFunction function) {
    return function instanceof Count count
        && aggregate.filter().isEmpty()
        && CollectionConverters.asJava(count.children()).stream().noneMatch(Expression::nullable);
  }

  private CompiledMeasure ranked(RankedForm form) {
    ColumnType type = form.type();
    if (type == null) {
      throw refusal.notMergeable(
          aggregate.sql(),
          "keeps a " + form.value().dataType().sql() + ", which a measure cannot hold",
          "take a string, a number, a boolean, a date or a timestamp, such as CAST(x AS STRING)");
    }
    if (!form.isRanked()) {
      throw refusal.notMergeable(
          aggregate.sql(),
          "is ordered by a " + form.order().dataType().sql() + ", by which Pinot cannot order",
          "order by a timestamp, a date or a whole number, such as CAST(t * 100 AS BIGINT)");
    }
    boolean largest = form.isLargest();
    ColumnType stored =
        type == ColumnType.STRING || type == ColumnType.DOUBLE ? type : ColumnType.LONG;
    StoredColumn value =
        new StoredColumn(name, stored, largest ? Merge.LAST_WITH_TIME : Merge.FIRST_WITH_TIME);
    StoredColumn rank =
        new StoredColumn(name + Rank.SUFFIX, ColumnType.LONG, largest ? Merge.MAX : Merge.MIN);
    Expression ranks = ExpressionUtils.expression(form.rank());
    return measure(
        largest ? MeasureKind.MAX_BY : MeasureKind.MIN_BY,
        type,
        part(value, with(form.by(form.stored(), form.rank()))),
        part(rank, with(largest ? new Max(ranks) : new Min(ranks))));
  }

  /** An aggregate, and the neutral value in place of NULL. */
  private static Part part(StoredColumn column, Column aggregate) {
    Column value = functions.coalesce(aggregate, functions.lit(column.neutral()));
    return new Part(column, value.as(column.name()));
  }

  private static Expression bool(AggregateFunction function) {
    return CollectionConverters.asJava(function.children()).get(0);
  }

  private CompiledMeasure sketch(MeasureKind kind, ColumnType type, Merge merge) {
    return measure(kind, type, part(name, ColumnType.BYTES, merge, same()));
  }

  private CompiledMeasure measure(MeasureKind kind, ColumnType type, Part... parts) {
    List<StoredColumn> columns = List.of(parts).stream().map(Part::column).toList();
    return new CompiledMeasure(new Measure(name, kind, type, columns), List.of(parts));
  }

  private static Part part(String name, ColumnType type, Merge merge, Column aggregate) {
    return new Part(new StoredColumn(name, type, merge), aggregate.as(name));
  }

  private CompiledMeasure sum(
      MeasureKind kind, ColumnType type, String sumName, ColumnType sumType, Expression of) {
    Column count = with(new Count(CollectionConverters.asScala(List.of(of)).toSeq()));
    String countName = name + "__count";
    if (sumType == ColumnType.DOUBLE) {
      Column sum =
          functions.coalesce(
              with(new Sum(of, EvalMode.LEGACY())).cast(DataTypes.DoubleType), functions.lit(0.0));
      return measure(
          kind,
          type,
          part(sumName, sumType, Merge.SUM, sum),
          part(countName, ColumnType.LONG, Merge.SUM, count));
    }
    return wideSum(kind, type, sumName, of, part(countName, ColumnType.LONG, Merge.SUM, count));
  }

  /** See {@link WideSum}. Halves of the numbers are added up, of which no sum leaves a LONG. */
  private CompiledMeasure wideSum(
      MeasureKind kind, ColumnType type, String sumName, Expression of, Part count) {
    Column number = ExpressionUtils.column(of).cast(DataTypes.LongType);
    Column low = total(number.bitwiseAND(Halves.LOW));
    Halves halves = new Halves(low, total(functions.shiftright(number, Halves.BITS)));
    return measure(
        kind,
        type,
        part(sumName, ColumnType.LONG, Merge.SUM, halves.part()),
        count,
        part(name + WideSum.SUFFIX, ColumnType.LONG, Merge.SUM, halves.carry()));
  }

  /** 0 if there is nothing to add up. */
  private Column total(Column of) {
    return functions.coalesce(
        with(new Sum(ExpressionUtils.expression(of), EvalMode.LEGACY())), functions.lit(0L));
  }

  private ColumnType sumType(Expression of, String function) {
    ColumnType type = NumberType.of(of.dataType());
    if (type != null) {
      return type;
    }
    throw refusal.notMergeable(
        aggregate.sql(),
        "is a " + function + " of " + of.dataType().sql() + ", which Pinot cannot add up",
        "cast it: "
            + function
            + "(CAST(... AS DOUBLE)), or to BIGINT in the smallest unit, such as cents");
  }

  private static Expression storedString(Expression of) {
    return ExpressionUtils.expression(DimensionForm.storedString(ExpressionUtils.column(of)));
  }

  /** The least or largest of strings in the form in which they are compared again in the merge. */
  private CompiledMeasure text(MeasureKind kind, Merge merge, AggregateFunction extreme) {
    return measure(
        kind,
        ColumnType.STRING,
        part(new StoredColumn(name, ColumnType.STRING, merge), with(extreme)));
  }

  private CompiledMeasure extreme(MeasureKind kind, Merge merge, Expression of) {
    DataType type = of.dataType();
    ColumnType number = NumberType.of(type);
    if (number != null) {
      DataType stored = number == ColumnType.DOUBLE ? DataTypes.DoubleType : DataTypes.LongType;
      // Of an INT too, which may become a LONG when its event changes.
      return found(kind, number, merge, ExpressionUtils.column(of).cast(stored));
    }
    if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      Column millis = functions.unix_millis(same().cast(DataTypes.TimestampType));
      return extreme(kind, ColumnType.TIMESTAMP, merge, ColumnType.LONG, millis);
    }
    if (type instanceof BooleanType) {
      return extreme(kind, ColumnType.BOOLEAN, merge, ColumnType.LONG, same());
    }
    if (type instanceof DateType) {
      return extreme(kind, ColumnType.DATE, merge, ColumnType.LONG, functions.unix_date(same()));
    }
    throw refusal.notMergeable(
        aggregate.sql(),
        "is of type " + type.sql() + ", whose order Pinot does not know",
        "take it of a string, a number, a boolean, a date or a timestamp: "
            + aggregate.aggregateFunction().prettyName()
            + "(CAST(... AS BIGINT)) or CAST(... AS TIMESTAMP)");
  }

  private CompiledMeasure extreme(
      MeasureKind kind, ColumnType type, Merge merge, ColumnType stored, Column aggregated) {
    StoredColumn column = new StoredColumn(name, stored, merge);
    DataType sparkType = stored == ColumnType.DOUBLE ? DataTypes.DoubleType : DataTypes.LongType;
    return measure(kind, type, part(column, aggregated.cast(sparkType)));
  }

  /** The least or largest of numbers that may be the neutral one; see {@link Found}. */
  private CompiledMeasure found(MeasureKind kind, ColumnType type, Merge merge, Column value) {
    boolean isDouble = type == ColumnType.DOUBLE;
    Column isNaN = isDouble ? functions.isnan(value) : functions.lit(false);
    // Of 0.0 and -0.0, which are equal, always 0.0.
    Column number = isDouble ? functions.when(functions.not(isNaN), value.plus(0.0d)) : value;
    Column found =
        functions
            .when(isNaN, functions.lit(Found.of(merge, true)))
            .when(value.isNotNull(), functions.lit(Found.of(merge, false)));
    Expression numbers = ExpressionUtils.expression(number);
    return measure(
        kind,
        type,
        part(
            new StoredColumn(name, type, merge),
            with(merge == Merge.MAX ? new Max(numbers) : new Min(numbers))),
        part(
            new StoredColumn(name + Found.SUFFIX, ColumnType.LONG, Merge.MAX),
            with(new Max(ExpressionUtils.expression(found)))));
  }

  /** The aggregate as the view has it. */
  private Column same() {
    return with(aggregate.aggregateFunction());
  }

  /** Another function under the view's own FILTER. */
  private Column with(AggregateFunction function) {
    return ExpressionUtils.column(
        new AggregateExpression(
            function, Complete$.MODULE$, false, aggregate.filter(), NamedExpression.newExprId()));
  }
}
