package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.OrderedDouble;
import dev.recount.planner.pass.Expressions;
import dev.recount.planner.row.Refusal;
import dev.recount.planner.row.StoredStrings;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.TruncTimestamp;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import scala.Option;

/** What a group-by column becomes in Pinot. */
final class DimensionForm {
  private static final Set<String> UNITS =
      Set.of("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR");

  private static final Map<DataType, ColumnType> TYPES =
      Map.of(
          DataTypes.ByteType, ColumnType.INT,
          DataTypes.ShortType, ColumnType.INT,
          DataTypes.IntegerType, ColumnType.INT,
          DataTypes.LongType, ColumnType.LONG,
          DataTypes.FloatType, ColumnType.DOUBLE,
          DataTypes.DoubleType, ColumnType.DOUBLE,
          DataTypes.BooleanType, ColumnType.BOOLEAN,
          DataTypes.DateType, ColumnType.DATE,
          DataTypes.TimestampType, ColumnType.TIMESTAMP,
          DataTypes.TimestampNTZType, ColumnType.TIMESTAMP);

  private DimensionForm() {}

  static Dimension of(String name, Expression expression, Refusal refusal) {
    return new Dimension(name, type(name, expression, refusal), canBeNull(expression));
  }

  /** Spark takes a moment that is cut to a unit for one that can be NULL: the unit may be none. */
  private static boolean canBeNull(Expression expression) {
    if (expression instanceof TruncTimestamp cut && cut.format() instanceof Literal unit) {
      boolean isUnit = UNITS.contains(String.valueOf(unit.value()).toUpperCase(Locale.ROOT));
      return !isUnit || canBeNull(cut.timestamp());
    }
    return expression.nullable();
  }

  private static ColumnType type(String name, Expression expression, Refusal refusal) {
    DataType type = expression.dataType();
    ColumnType known = type instanceof StringType ? ColumnType.STRING : TYPES.get(type);
    if (known != null) {
      return known;
    }
    throw refusal.invalid(
        "the dimension '%s' is of type %s, which groups cannot have; group by CAST(%s "
            + "AS STRING), or by a field of it",
        name, type.sql(), expression.sql());
  }

  /**
   * The columns in which the values are stored, never NULL. Groups are made of stored values, so
   * that two groups never have the same key: timestamps are in milliseconds.
   */
  static List<Column> stored(Dimension dimension, Expression expression) {
    Column value = ExpressionUtils.column(expression);
    return switch (dimension.type()) {
      case STRING -> List.of(orNull(storedString(value), dimension));
      case BOOLEAN -> List.of(orNull(value.cast(DataTypes.StringType), dimension));
      case DATE -> List.of(orNull(functions.unix_date(value).cast(DataTypes.LongType), dimension));
      case TIMESTAMP ->
          List.of(orNull(functions.unix_millis(value.cast(DataTypes.TimestampType)), dimension));
      case DOUBLE -> ofDouble(dimension, value.cast(DataTypes.DoubleType));
      default -> ofWhole(dimension, value.cast(DataTypes.LongType));
    };
  }

  private static List<Column> ofWhole(Dimension dimension, Column value) {
    Column stored = orNull(value, dimension);
    return dimension.hasNullFlag()
        ? List.of(
            stored,
            functions
                .when(value.isNull(), functions.lit(1))
                .otherwise(functions.lit(0))
                .as(dimension.nullFlag()))
        : List.of(stored);
  }

  private static List<Column> ofDouble(Dimension dimension, Column value) {
    Column ordered =
        invoked(OrderedDouble.class, "of", DataTypes.DoubleType, DataTypes.LongType, value);
    return List.of(
        orNull(ordered, dimension),
        functions.coalesce(value, functions.lit(0.0d)).as(dimension.name()));
  }

  private static Column orNull(Column stored, Dimension dimension) {
    return functions
        .coalesce(stored, functions.lit(dimension.storedNull().get(0)))
        .as(dimension.orderedColumn());
  }

  /** A string in the form in which it is stored, NULL if it is NULL. */
  static Column storedString(Column value) {
    return invoked(StoredStrings.class, "of", DataTypes.StringType, DataTypes.StringType, value);
  }

  /** A static method of one argument, NULL if that is NULL. */
  private static Column invoked(
      Class<?> type, String method, DataType from, DataType to, Column argument) {
    return ExpressionUtils.column(
        new StaticInvoke(
            type,
            to,
            method,
            Expressions.seq(List.of(ExpressionUtils.expression(argument))),
            Expressions.seq(List.of(from)),
            true,
            true,
            true,
            Option.empty()));
  }
}
