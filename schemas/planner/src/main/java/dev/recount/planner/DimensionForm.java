package dev.recount.planner;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** What a group-by column becomes in Pinot. */
final class DimensionForm {
  /** Pinot ends a string at this character, so that two strings would become one. */
  private static final String END = "\0";

  private static final String REPLACEMENT = "\uFFFD";

  private DimensionForm() {}

  static Dimension of(String name, Expression expression, Refusal refusal) {
    return new Dimension(name, type(name, expression, refusal), expression.nullable());
  }

  private static ColumnType type(String name, Expression expression, Refusal refusal) {
    DataType type = expression.dataType();
    if (type instanceof StringType) {
      return ColumnType.STRING;
    }
    if (type instanceof IntegerType || type instanceof ShortType || type instanceof ByteType) {
      return ColumnType.INT;
    }
    if (type instanceof LongType) {
      return ColumnType.LONG;
    }
    if (type instanceof DoubleType || type instanceof FloatType) {
      return ColumnType.DOUBLE;
    }
    if (type instanceof BooleanType) {
      return ColumnType.BOOLEAN;
    }
    if (type instanceof DateType) {
      return ColumnType.DATE;
    }
    if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      return ColumnType.TIMESTAMP;
    }
    throw refusal.invalid(
        "the dimension '"
            + name
            + "' is of type "
            + type.sql()
            + ", which groups cannot have; group by CAST("
            + expression.sql()
            + " AS STRING), or by a field of it");
  }

  /**
   * The value as it is stored, never NULL. Groups are made of stored values, so that two groups
   * never have the same key: timestamps in milliseconds, strings without U+0000 (U+FFFD instead).
   */
  static Column stored(Dimension dimension, Expression expression) {
    Column value = ExpressionUtils.column(expression);
    Column stored =
        switch (dimension.type()) {
          case STRING -> storedString(value);
          case BOOLEAN, DATE -> value.cast(DataTypes.StringType);
          case INT -> value.cast(DataTypes.IntegerType);
          case DOUBLE -> value.cast(DataTypes.DoubleType);
          case TIMESTAMP -> functions.unix_millis(value.cast(DataTypes.TimestampType));
          default -> value;
        };
    return functions.coalesce(stored, functions.lit(dimension.storedNull())).as(dimension.name());
  }

  static Column storedString(Column value) {
    return functions.replace(value, functions.lit(END), functions.lit(REPLACEMENT));
  }
}
