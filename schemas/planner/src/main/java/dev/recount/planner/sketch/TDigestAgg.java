package dev.recount.planner.sketch;

import com.tdunning.math.stats.MergingDigest;
import com.tdunning.math.stats.TDigest;
import dev.recount.core.view.StoredColumn;
import java.nio.ByteBuffer;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;

/**
 * {@code tdigest_agg(x)}: the distribution of the numbers x as a t-digest, whose bytes Pinot's
 * PERCENTILETDIGEST merges. NULLs, NaN and infinities count as nothing: their means are none.
 */
public final class TDigestAgg extends ObjectSketchAgg<TDigest> {
  public static final String NAME = "tdigest_agg";
  private static final long serialVersionUID = 1L;

  TDigestAgg(Expression child, int mutableOffset, int inputOffset) {
    super(child, mutableOffset, inputOffset);
  }

  @Override
  TDigestAgg copy(Expression newChild, int newMutable, int newInput) {
    return new TDigestAgg(newChild, newMutable, newInput);
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    DataType type = child().dataType();
    return type instanceof NumericType && !(type instanceof DecimalType)
        ? TypeCheckResult.TypeCheckSuccess$.MODULE$
        : new TypeCheckResult.TypeCheckFailure(
            NAME + " takes numbers, not " + type.sql() + "; cast them to DOUBLE");
  }

  @Override
  public TDigest createAggregationBuffer() {
    return TDigest.createMergingDigest(StoredColumn.TDIGEST_COMPRESSION);
  }

  @Override
  void add(TDigest sketch, Object value) {
    double number = ((Number) value).doubleValue();
    if (Double.isFinite(number)) {
      sketch.add(number);
    }
  }

  @Override
  public TDigest merge(TDigest sketch, TDigest other) {
    sketch.add(other);
    return sketch;
  }

  @Override
  public byte[] serialize(TDigest sketch) {
    byte[] bytes = new byte[sketch.byteSize()];
    sketch.asBytes(ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Override
  public TDigest deserialize(byte[] bytes) {
    return MergingDigest.fromBytes(ByteBuffer.wrap(bytes));
  }

  @Override
  public int stateBytes() {
    return 12_000;
  }

  @Override
  public String prettyName() {
    return NAME;
  }
}
