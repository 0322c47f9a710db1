package dev.recount.planner.sketch;

import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code theta_sketch_agg(x)}: the distinct values of x as a compact DataSketches Theta sketch,
 * whose bytes Pinot's DISTINCTCOUNTTHETASKETCH reads. Values are hashed as Pinot hashes them:
 * strings by their UTF-8 bytes, whole numbers, booleans, dates (days) and timestamps (milliseconds)
 * as longs, others as doubles. NULLs count as nothing, and so do empty strings (the library's
 * rule); no value at all is the empty sketch, never NULL.
 */
public final class ThetaSketchAgg extends ObjectSketchAgg<ThetaBuffer> {
  public static final String NAME = "theta_sketch_agg";
  private static final long serialVersionUID = 1L;
  private static final long MICROS_OF_MILLI = 1000;

  ThetaSketchAgg(Expression child, int mutableOffset, int inputOffset) {
    super(child, mutableOffset, inputOffset);
  }

  @Override
  ThetaSketchAgg copy(Expression newChild, int newMutable, int newInput) {
    return new ThetaSketchAgg(newChild, newMutable, newInput);
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    DataType type = child().dataType();
    boolean fits =
        type instanceof StringType
            || type instanceof BinaryType
            || isDouble(type)
            || isLong(type)
            || type instanceof TimestampType;
    return fits
        ? TypeCheckResult.TypeCheckSuccess$.MODULE$
        : new TypeCheckResult.TypeCheckFailure(
            NAME + " cannot count values of " + type.sql() + "; cast them to STRING");
  }

  private static boolean isDouble(DataType type) {
    return type instanceof DoubleType || type instanceof FloatType;
  }

  private static boolean isLong(DataType type) {
    return type instanceof LongType
        || type instanceof IntegerType
        || type instanceof ShortType
        || type instanceof ByteType
        || type instanceof DateType
        || type instanceof BooleanType;
  }

  @Override
  public ThetaBuffer createAggregationBuffer() {
    return new ThetaBuffer();
  }

  @Override
  void add(ThetaBuffer buffer, Object value) {
    if (value instanceof UTF8String string) {
      buffer.update(string.getBytes());
    } else if (value instanceof byte[] bytes) {
      buffer.update(bytes);
    } else if (value instanceof Double || value instanceof Float) {
      buffer.update(((Number) value).doubleValue());
    } else if (value instanceof Boolean bool) {
      buffer.update(bool ? 1L : 0L);
    } else {
      long number = ((Number) value).longValue();
      buffer.update(
          child().dataType() instanceof TimestampType
              ? Math.floorDiv(number, MICROS_OF_MILLI)
              : number);
    }
  }

  @Override
  public ThetaBuffer merge(ThetaBuffer buffer, ThetaBuffer other) {
    buffer.merge(other);
    return buffer;
  }

  @Override
  public byte[] serialize(ThetaBuffer buffer) {
    return buffer.toBytes();
  }

  @Override
  public ThetaBuffer deserialize(byte[] bytes) {
    return ThetaBuffer.ofBytes(bytes);
  }

  /** Of a small one; one of many values is larger, and there are few of them. */
  @Override
  public int stateBytes() {
    return 256;
  }

  @Override
  public String prettyName() {
    return NAME;
  }
}
