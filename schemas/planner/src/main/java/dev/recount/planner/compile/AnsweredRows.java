package dev.recount.planner.compile;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import com.clearspring.analytics.stream.cardinality.HyperLogLog;
import com.tdunning.math.stats.MergingDigest;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Found;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.OrderedDouble;
import dev.recount.core.view.Rank;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.WideSum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.Sketches;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF4;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * The rows of a view as its readers see them, in Spark: one for each group, with the columns of the
 * view and the values of its measures.
 */
public final class AnsweredRows {
  /** Room for a sum beyond a LONG. */
  private static final DataType WIDE = DataTypes.createDecimalType(38, 0);

  private static final String TWO_TO_63 = "9223372036854775808";

  /** What is left of a variance that is smaller is rounding, as the gateway has it. */
  private static final double VARIANCE_ROUNDING = 1e-14;

  private AnsweredRows() {}

  /**
   * @param session without ANSI's errors: what cannot be computed is NULL
   * @param stored rows of the view as they are in the lake, several of a group or one
   */
  public static Dataset<Row> of(SparkSession session, ViewPlan plan, Dataset<Row> stored) {
    session
        .udf()
        .register(
            "recount_variance",
            (UDF4<Long, Number, Number, Integer, Double>) AnsweredRows::variance,
            DataTypes.DoubleType);
    Dataset<Row> merged = StoredMerge.rows(plan, stored);
    List<Column> columns = new ArrayList<>();
    plan.dimensions().forEach(d -> columns.add(dimension(d).as(d.name())));
    Stream<Measure> inputs = plan.measures().stream().flatMap(m -> m.inputs().stream());
    List<Column> values = new ArrayList<>(columns);
    Stream.concat(plan.measures().stream().filter(m -> !isFormula(m)), inputs)
        .forEach(m -> values.add(measure(m).as(m.name())));
    Dataset<Row> valued = merged.select(values.toArray(Column[]::new));
    return valued.select(
        Stream.concat(
                plan.dimensions().stream().map(d -> col(d.name())),
                plan.measures().stream().map(m -> isFormula(m) ? formula(m) : col(m.name())))
            .toArray(Column[]::new));
  }

  private static boolean isFormula(Measure measure) {
    return measure.kind() == MeasureKind.FORMULA;
  }

  private static Column formula(Measure measure) {
    String sql = measure.formula();
    for (Measure input : measure.inputs()) {
      sql = sql.replace('"' + input.name() + '"', '`' + input.name() + '`');
    }
    return functions.expr(sql).as(measure.name());
  }

  private static Column dimension(Dimension dimension) {
    Column stored = col(dimension.orderedColumn());
    Column value =
        switch (dimension.type()) {
          case STRING -> text(stored);
          case BOOLEAN -> stored.cast(DataTypes.BooleanType);
          case DATE -> functions.date_from_unix_date(stored.cast(DataTypes.IntegerType));
          case TIMESTAMP -> functions.timestamp_millis(stored);
          case DOUBLE ->
              when(stored.equalTo(OrderedDouble.of(Double.NaN)), lit(Double.NaN))
                  .otherwise(col(dimension.name()));
          default -> stored;
        };
    Column isNull =
        dimension.hasNullFlag()
            ? col(dimension.nullFlag()).equalTo(1)
            : stored.equalTo(dimension.storedNull().get(0));
    return when(not(isNull), value);
  }

  /** From the form in which it is stored; see {@link StoredText}. */
  private static Column text(Column stored) {
    return functions.replace(
        functions.replace(stored, lit(StoredText.ZERO), lit("\u0000")),
        lit(StoredText.ONE),
        lit("\u0001"));
  }

  private static Column measure(Measure measure) {
    StoredColumn first = measure.parts().get(0);
    Column value = col(first.name());
    return switch (measure.kind()) {
      case COUNT -> value;
      case SUM -> when(count(measure).gt(0), sum(measure, value));
      case AVERAGE ->
          when(
              count(measure).gt(0),
              sum(measure, value).cast(DataTypes.DoubleType).divide(count(measure)));
      case MIN, MAX -> extreme(measure, first, value);
      case MAX_BY, MIN_BY -> ranked(measure, first, value);
      case THETA ->
          functions.udf((UDF1<byte[], Long>) AnsweredRows::theta, DataTypes.LongType).apply(value);
      case HLL ->
          functions.udf((UDF1<byte[], Long>) AnsweredRows::hll, DataTypes.LongType).apply(value);
      case TDIGEST ->
          functions
              .udf((UDF1<byte[], Double>) AnsweredRows::median, DataTypes.DoubleType)
              .apply(value);
      default -> throw new IllegalStateException(measure.name() + " is computed from others");
    };
  }

  private static Column count(Measure measure) {
    return col(measure.parts().get(1).name());
  }

  /** A LONG where it fits one. */
  private static Column sum(Measure measure, Column value) {
    String carry = measure.name() + WideSum.SUFFIX;
    boolean isWide = measure.parts().stream().anyMatch(part -> part.name().equals(carry));
    return isWide
        ? value
            .cast(WIDE)
            .plus(col(carry).cast(WIDE).multiply(lit(TWO_TO_63).cast(WIDE)))
            .cast(WIDE)
        : value;
  }

  private static Column extreme(Measure measure, StoredColumn first, Column value) {
    if (first.type() == ColumnType.STRING) {
      return when(value.notEqual(StoredText.NULL), text(value));
    }
    if (measure.parts().size() > 1) {
      Column found = col(measure.parts().get(1).name());
      Column isNaN = found.equalTo(Found.of(first.merge(), true));
      return isDouble(first)
          ? when(isNaN, lit(Double.NaN)).when(found.geq(1), value)
          : when(found.geq(1), value);
    }
    return when(value.notEqual(first.neutral()), typed(measure.type(), value));
  }

  private static boolean isDouble(StoredColumn column) {
    return column.type() == ColumnType.DOUBLE;
  }

  private static Column ranked(Measure measure, StoredColumn first, Column value) {
    StoredColumn rank = measure.parts().get(1);
    Column ranks = col(measure.name() + Rank.SUFFIX);
    Column isValue =
        ranks
            .notEqual(rank.neutral())
            .and(ranks.notEqual(Rank.beyond(rank.merge())))
            .and(ranks.bitwiseAND(1L).equalTo(1L));
    return when(
        isValue, first.type() == ColumnType.STRING ? text(value) : typed(measure.type(), value));
  }

  private static Column typed(ColumnType type, Column value) {
    return switch (type) {
      case BOOLEAN -> value.notEqual(0);
      case DATE -> functions.date_from_unix_date(value.cast(DataTypes.IntegerType));
      case TIMESTAMP -> functions.timestamp_millis(value);
      default -> value;
    };
  }

  private static Long theta(byte[] sketch) {
    return Math.round(Sketches.wrapSketch(Memory.wrap(sketch)).getEstimate());
  }

  private static Long hll(byte[] sketch) throws IOException {
    return HyperLogLog.Builder.build(sketch).cardinality();
  }

  private static Double median(byte[] sketch) {
    double median = MergingDigest.fromBytes(ByteBuffer.wrap(sketch)).quantile(0.5);
    return Double.isNaN(median) ? null : median;
  }

  private static Double variance(Long count, Number sum, Number squares, Integer less) {
    if (count <= less) {
      return null;
    }
    double deviations = squares.doubleValue() - sum.doubleValue() * (sum.doubleValue() / count);
    return Math.abs(deviations) <= squares.doubleValue() * VARIANCE_ROUNDING
        ? 0.0
        : deviations / (count - less);
  }
}
