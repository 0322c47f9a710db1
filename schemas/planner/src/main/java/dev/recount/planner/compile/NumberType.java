package dev.recount.planner.compile;

import dev.recount.core.view.ColumnType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;

/** What numbers are stored as. */
final class NumberType {
  private NumberType() {}

  /** LONG or DOUBLE; null if it is another type. */
  static ColumnType of(DataType type) {
    boolean whole =
        type instanceof LongType
            || type instanceof IntegerType
            || type instanceof ShortType
            || type instanceof ByteType;
    if (whole) {
      return ColumnType.LONG;
    }
    return type instanceof DoubleType || type instanceof FloatType ? ColumnType.DOUBLE : null;
  }
}
