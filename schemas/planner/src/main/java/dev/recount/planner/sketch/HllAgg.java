package dev.recount.planner.sketch;

import com.clearspring.analytics.hash.MurmurHash;
import com.clearspring.analytics.stream.cardinality.CardinalityMergeException;
import com.clearspring.analytics.stream.cardinality.HyperLogLog;
import dev.recount.core.view.StoredColumn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * {@code hll_agg(x)}: the distinct values of x as a HyperLogLog of stream-lib, whose bytes Pinot's
 * DISTINCTCOUNTHLL merges. NULLs count as nothing.
 */
public final class HllAgg extends ObjectSketchAgg<HyperLogLog> {
  public static final String NAME = "hll_agg";
  private static final long serialVersionUID = 1L;

  /**
   * A register has five bits, so that no hash may have more zeros in a row than they can count; a
   * bit that is set where that would be has no effect on any other hash.
   */
  private static final long ZEROS_END = 1L << (33 - StoredColumn.HLL_LOG2_REGISTERS);

  HllAgg(Expression child, int mutableOffset, int inputOffset) {
    super(child, mutableOffset, inputOffset);
  }

  @Override
  HllAgg copy(Expression newChild, int newMutable, int newInput) {
    return new HllAgg(newChild, newMutable, newInput);
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    DataType type = child().dataType();
    boolean fits =
        !(type instanceof ArrayType
            || type instanceof MapType
            || type instanceof StructType
            || type instanceof DecimalType);
    return fits
        ? TypeCheckResult.TypeCheckSuccess$.MODULE$
        : new TypeCheckResult.TypeCheckFailure(
            NAME + " cannot count values of " + type.sql() + "; cast them to STRING");
  }

  @Override
  public HyperLogLog createAggregationBuffer() {
    return new HyperLogLog(StoredColumn.HLL_LOG2_REGISTERS);
  }

  @Override
  void add(HyperLogLog sketch, Object value) {
    byte[] bytes = bytes(value);
    sketch.offerHashed(MurmurHash.hash64(bytes, bytes.length) | ZEROS_END);
  }

  private static byte[] bytes(Object value) {
    if (value instanceof UTF8String text) {
      return text.getBytes();
    }
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    if (value instanceof Boolean bool) {
      return new byte[] {(byte) (bool ? 1 : 0)};
    }
    Number number = (Number) value;
    boolean real = value instanceof Double || value instanceof Float;
    double positive = number.doubleValue() == 0 ? 0.0 : number.doubleValue();
    long bits = real ? Double.doubleToLongBits(positive) : number.longValue();
    return ByteBuffer.allocate(Long.BYTES).putLong(bits).array();
  }

  @Override
  public HyperLogLog merge(HyperLogLog sketch, HyperLogLog other) {
    try {
      sketch.addAll(other);
      return sketch;
    } catch (CardinalityMergeException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public byte[] serialize(HyperLogLog sketch) {
    try {
      return sketch.getBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public HyperLogLog deserialize(byte[] bytes) {
    try {
      return HyperLogLog.Builder.build(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int stateBytes() {
    return 3_000;
  }

  @Override
  public String prettyName() {
    return NAME;
  }
}
