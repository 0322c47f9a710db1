package dev.recount.planner.sketch;

import java.io.Serializable;
import java.util.Objects;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.analysis.TypeCheckResult;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.types.BinaryType;
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
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * {@code theta_sketch_agg(x)}: the distinct values of x as a compact DataSketches Theta sketch,
 * whose bytes Pinot's DISTINCTCOUNTTHETASKETCH reads. Values are hashed as Pinot hashes them:
 * strings by their UTF-8 bytes, whole numbers, booleans, dates (days) and timestamps (milliseconds)
 * as longs, others as doubles. NULLs count as nothing, and so do empty strings (the library's
 * rule); no value at all is the empty sketch, never NULL.
 */
public final class ThetaSketchAgg extends TypedImperativeAggregate<ThetaBuffer>
    implements Serializable {
  public static final String NAME = "theta_sketch_agg";
  private static final long serialVersionUID = 1L;
  private static final long MICROS_OF_MILLI = 1000;

  private final Expression child;
  private final int mutableOffset;
  private final int inputOffset;

  public ThetaSketchAgg(Expression child, int mutableOffset, int inputOffset) {
    this.child = child;
    this.mutableOffset = mutableOffset;
    this.inputOffset = inputOffset;
  }

  /** Makes the function known to a session. */
  public static void register(SparkSession session) {
    FunctionRegistry functions =
        ((org.apache.spark.sql.classic.SparkSession) session).sessionState().functionRegistry();
    functions.createOrReplaceTempFunction(NAME, ThetaSketchAgg::ofArguments, "java_udf");
  }

  private static Expression ofArguments(Seq<Expression> arguments) {
    if (arguments.length() != 1) {
      throw new IllegalArgumentException(
          NAME + " takes one argument, not " + arguments.length() + ": " + NAME + "(session_id)");
    }
    return new ThetaSketchAgg(arguments.head(), 0, 0);
  }

  /** What is counted. */
  public Expression child() {
    return child;
  }

  @Override
  public TypeCheckResult checkInputDataTypes() {
    DataType type = child.dataType();
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
  public ThetaBuffer update(ThetaBuffer buffer, InternalRow input) {
    Object value = child.eval(input);
    if (value == null) {
      return buffer;
    }
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
          child.dataType() instanceof TimestampType
              ? Math.floorDiv(number, MICROS_OF_MILLI)
              : number);
    }
    return buffer;
  }

  @Override
  public ThetaBuffer merge(ThetaBuffer buffer, ThetaBuffer other) {
    buffer.merge(other);
    return buffer;
  }

  @Override
  public Object eval(ThetaBuffer buffer) {
    return buffer.toBytes();
  }

  @Override
  public byte[] serialize(ThetaBuffer buffer) {
    return buffer.toBytes();
  }

  @Override
  public ThetaBuffer deserialize(byte[] bytes) {
    return ThetaBuffer.ofBytes(bytes);
  }

  @Override
  public DataType dataType() {
    return DataTypes.BinaryType;
  }

  @Override
  public boolean nullable() {
    return false;
  }

  @Override
  public String prettyName() {
    return NAME;
  }

  @Override
  public int mutableAggBufferOffset() {
    return mutableOffset;
  }

  @Override
  public int inputAggBufferOffset() {
    return inputOffset;
  }

  @Override
  public ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return new ThetaSketchAgg(child, offset, inputOffset);
  }

  @Override
  public ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return new ThetaSketchAgg(child, mutableOffset, offset);
  }

  @Override
  public Seq<Expression> children() {
    return CollectionConverters.asScala(java.util.List.of(child)).toSeq();
  }

  @Override
  public Expression withNewChildrenInternal(IndexedSeq<Expression> newChildren) {
    return new ThetaSketchAgg(newChildren.head(), mutableOffset, inputOffset);
  }

  @Override
  public int productArity() {
    return 3;
  }

  @Override
  public Object productElement(int n) {
    return switch (n) {
      case 0 -> child;
      case 1 -> mutableOffset;
      case 2 -> inputOffset;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  @Override
  public boolean canEqual(Object that) {
    return that instanceof ThetaSketchAgg;
  }

  @Override
  public boolean equals(Object that) {
    return that instanceof ThetaSketchAgg other
        && child.equals(other.child)
        && mutableOffset == other.mutableOffset
        && inputOffset == other.inputOffset;
  }

  @Override
  public int hashCode() {
    return Objects.hash(child, mutableOffset, inputOffset);
  }
}
