package dev.recount.planner.sketch;

import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;
import org.apache.spark.sql.catalyst.expressions.aggregate.TypedImperativeAggregate;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.immutable.IndexedSeq;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * An aggregate of one argument whose state is a sketch of a library and whose result is its bytes,
 * never NULL: no value at all is the empty sketch.
 *
 * @param <S> the library's sketch
 */
public abstract class ObjectSketchAgg<S> extends TypedImperativeAggregate<S>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Expression child;
  private final int mutableOffset;
  private final int inputOffset;

  ObjectSketchAgg(Expression child, int mutableOffset, int inputOffset) {
    this.child = child;
    this.mutableOffset = mutableOffset;
    this.inputOffset = inputOffset;
  }

  /** The same aggregate of another argument or at other places. */
  abstract ObjectSketchAgg<S> copy(Expression newChild, int newMutable, int newInput);

  /** About how much memory a sketch takes. */
  public abstract int stateBytes();

  /** Takes a value in, which is not null. */
  abstract void add(S sketch, Object value);

  /** What is counted. */
  public final Expression child() {
    return child;
  }

  @Override
  public final S update(S sketch, InternalRow input) {
    Object value = child.eval(input);
    if (value != null) {
      add(sketch, value);
    }
    return sketch;
  }

  @Override
  public final Object eval(S sketch) {
    return serialize(sketch);
  }

  @Override
  public final DataType dataType() {
    return DataTypes.BinaryType;
  }

  @Override
  public final boolean nullable() {
    return false;
  }

  @Override
  public final int mutableAggBufferOffset() {
    return mutableOffset;
  }

  @Override
  public final int inputAggBufferOffset() {
    return inputOffset;
  }

  @Override
  public final ImperativeAggregate withNewMutableAggBufferOffset(int offset) {
    return copy(child, offset, inputOffset);
  }

  @Override
  public final ImperativeAggregate withNewInputAggBufferOffset(int offset) {
    return copy(child, mutableOffset, offset);
  }

  @Override
  public final Seq<Expression> children() {
    return CollectionConverters.asScala(List.of(child)).toSeq();
  }

  @Override
  public final Expression withNewChildrenInternal(IndexedSeq<Expression> newChildren) {
    return copy(newChildren.head(), mutableOffset, inputOffset);
  }

  @Override
  public final int productArity() {
    return 3;
  }

  @Override
  public final Object productElement(int n) {
    return switch (n) {
      case 0 -> child;
      case 1 -> mutableOffset;
      case 2 -> inputOffset;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  @Override
  public final boolean canEqual(Object that) {
    return that != null && that.getClass() == getClass();
  }

  @Override
  public final boolean equals(Object that) {
    return canEqual(that)
        && that instanceof ObjectSketchAgg<?> other
        && child.equals(other.child)
        && mutableOffset == other.mutableOffset
        && inputOffset == other.inputOffset;
  }

  @Override
  public final int hashCode() {
    return Objects.hash(getClass(), child, mutableOffset, inputOffset);
  }
}
