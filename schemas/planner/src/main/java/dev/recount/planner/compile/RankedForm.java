package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Merge;
import dev.recount.core.view.Rank;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.MaxBy;
import org.apache.spark.sql.catalyst.expressions.aggregate.MinBy;
import org.apache.spark.sql.classic.ColumnNodeToExpressionConverter$;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What max_by(x, t) and min_by(x, t) are computed from: x in its stored form, and its {@link Rank}.
 *
 * <p>A rank is t, moved up, and below it bits of a hash of x: the more, the more events have the
 * same t. Half of a second's ranks are for the whole second, the others for its milliseconds; half
 * of a millisecond's for the whole millisecond, the others for its microseconds. Times that are
 * more than 136 years from 1970 are told apart by the millisecond.
 */
record RankedForm(Expression value, Expression order, boolean isLargest) {
  /** Numbers from minus this to less than this have the more bits of a hash below them. */
  private static final long NEAR = 1L << 31;

  private static final int NEAR_BITS = 31;
  private static final int NUMBER_BITS = 20;

  /** Whole numbers from minus this to less than this have ranks. */
  static final long LIMIT = 1L << 42;

  private static final long NEAR_SECONDS = 1L << 32;
  private static final int SECOND_BITS = 30;
  private static final int MILLISECOND_BITS = 19;
  private static final int MICROSECOND_BITS = 8;

  /** From here on, up and down, are the ranks of what is not near. */
  private static final long FAR = 1L << 62;

  private static final int HASH_BITS = 64;
  private static final long THOUSAND = 1000;

  /** Null if a function is neither max_by nor min_by. */
  static RankedForm of(AggregateFunction function) {
    if (function instanceof MaxBy by) {
      return new RankedForm(TextLimit.within(by.valueExpr()), by.orderingExpr(), true);
    }
    if (function instanceof MinBy by) {
      return new RankedForm(TextLimit.within(by.valueExpr()), by.orderingExpr(), false);
    }
    return null;
  }

  AggregateFunction by(Column of, Column rank) {
    Expression ranked = ExpressionUtils.expression(of);
    Expression ordering = ExpressionUtils.expression(rank);
    return isLargest ? new MaxBy(ranked, ordering) : new MinBy(ranked, ordering);
  }

  private Merge rankMerge() {
    return isLargest ? Merge.MAX : Merge.MIN;
  }

  /** The type of x; null if it has none that can be stored. */
  ColumnType type() {
    DataType type = value.dataType();
    if (type instanceof StringType) {
      return ColumnType.STRING;
    }
    if (type instanceof BooleanType) {
      return ColumnType.BOOLEAN;
    }
    if (type instanceof DateType) {
      return ColumnType.DATE;
    }
    if (isTime(type)) {
      return ColumnType.TIMESTAMP;
    }
    return NumberType.of(type);
  }

  /** x as it is stored, NULL if it is NULL. */
  Column stored() {
    Column column = ExpressionUtils.column(value);
    return switch (type()) {
      case STRING -> DimensionForm.storedString(column);
      case DATE -> functions.unix_date(column).cast(DataTypes.LongType);
      case TIMESTAMP -> functions.unix_millis(column.cast(DataTypes.TimestampType));
      case DOUBLE -> column.cast(DataTypes.DoubleType);
      default -> column.cast(DataTypes.LongType);
    };
  }

  /** Whether t is of a type that has ranks. */
  boolean isRanked() {
    DataType type = order.dataType();
    return isTime(type) || type instanceof DateType || NumberType.of(type) == ColumnType.LONG;
  }

  /** The rank, NULL if t is NULL. */
  Column rank() {
    Column t = ExpressionUtils.column(order);
    if (isTime(order.dataType())) {
      return ofTime(t.cast(DataTypes.TimestampType));
    }
    return order.dataType() instanceof DateType
        ? ofNumber(functions.unix_date(t).cast(DataTypes.LongType))
        : ofNumber(t.cast(DataTypes.LongType));
  }

  private Column ofNumber(Column number) {
    Column near = functions.shiftleft(number, NEAR_BITS).plus(tie(NEAR_BITS));
    return functions
        .when(isWithin(number, NEAR), near)
        .when(isWithin(number, LIMIT), far(number, NEAR, NUMBER_BITS))
        .when(number.isNotNull(), functions.lit(Rank.beyond(rankMerge())));
  }

  private Column ofTime(Column time) {
    Column seconds = functions.unix_seconds(time);
    Column millis = functions.unix_millis(time);
    Column near = functions.shiftleft(seconds, SECOND_BITS).plus(inSecond(time, millis));
    return functions
        .when(isWithin(seconds, NEAR_SECONDS), near)
        .when(time.isNotNull(), far(millis, NEAR_SECONDS * THOUSAND, MICROSECOND_BITS));
  }

  private Column inSecond(Column time, Column millis) {
    Column milli = functions.pmod(millis, functions.lit(THOUSAND));
    Column micro = functions.pmod(functions.unix_micros(time), functions.lit(THOUSAND));
    Column inMillisecond =
        functions
            .when(micro.equalTo(0L), tie(MILLISECOND_BITS - 1))
            .otherwise(
                functions
                    .shiftleft(micro.minus(1L), MICROSECOND_BITS)
                    .plus(tie(MICROSECOND_BITS))
                    .plus(1L << MILLISECOND_BITS - 1));
    return functions
        .when(milli.equalTo(0L).and(micro.equalTo(0L)), tie(SECOND_BITS - 1))
        .otherwise(
            functions
                .shiftleft(milli, MILLISECOND_BITS)
                .plus(inMillisecond)
                .plus(1L << SECOND_BITS - 1));
  }

  /** The ranks of numbers from an edge on, and below minus the edge. */
  private Column far(Column number, long edge, int bits) {
    Column beyondEdge =
        functions
            .when(number.gt(0L), functions.shiftleft(number.minus(edge), bits).plus(FAR))
            .otherwise(functions.shiftleft(number.plus(edge), bits).minus(FAR));
    return beyondEdge.plus(tie(bits));
  }

  private static Column isWithin(Column number, long limit) {
    return number.geq(-limit).and(number.lt(limit));
  }

  /** So many bits that are the same for the same x: its hash, and whether it is a value. */
  private Column tie(int bits) {
    Column stored = stored();
    Column hash = functions.shiftrightunsigned(functions.xxhash64(stored), HASH_BITS - bits + 1);
    return functions
        .when(stored.isNull(), functions.lit(0L))
        .otherwise(functions.shiftleft(hash, 1).plus(1L));
  }

  /**
   * What the function is if a tie of t is decided as ranks do it, t itself being compared as Spark
   * does.
   */
  AggregateFunction exact() {
    Column t = ExpressionUtils.column(order);
    Column ordering = functions.when(t.isNotNull(), functions.struct(t, tie(SECOND_BITS - 1)));
    Expression resolvable = ColumnNodeToExpressionConverter$.MODULE$.apply(ordering.node());
    return isLargest ? new MaxBy(value, resolvable) : new MinBy(value, resolvable);
  }

  private static boolean isTime(DataType type) {
    return type instanceof TimestampType || type instanceof TimestampNTZType;
  }
}
