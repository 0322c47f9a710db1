package dev.recount.planner.sketch;

import dev.recount.core.view.Merge;
import org.apache.spark.sql.catalyst.expressions.Expression;

/** The union of sketches that are stored as bytes, as the sketches of a group are stored. */
public final class SketchUnion extends ObjectSketchAgg<Object> {
  private static final long serialVersionUID = 1L;

  private final ObjectSketchAgg<Object> sketches;

  /**
   * @param merge of the stored column: which kind of sketch it holds
   */
  public SketchUnion(Merge merge, Expression child) {
    this(SketchFunctions.of(merge), child, 0, 0);
  }

  private SketchUnion(
      ObjectSketchAgg<Object> sketches, Expression child, int mutableOffset, int inputOffset) {
    super(child, mutableOffset, inputOffset);
    this.sketches = sketches;
  }

  @Override
  SketchUnion copy(Expression newChild, int newMutable, int newInput) {
    return new SketchUnion(sketches, newChild, newMutable, newInput);
  }

  @Override
  public Object createAggregationBuffer() {
    return sketches.createAggregationBuffer();
  }

  @Override
  void add(Object sketch, Object stored) {
    sketches.merge(sketch, sketches.deserialize((byte[]) stored));
  }

  @Override
  public Object merge(Object sketch, Object other) {
    return sketches.merge(sketch, other);
  }

  @Override
  public byte[] serialize(Object sketch) {
    return sketches.serialize(sketch);
  }

  @Override
  public Object deserialize(byte[] bytes) {
    return sketches.deserialize(bytes);
  }

  @Override
  public int stateBytes() {
    return sketches.stateBytes();
  }

  @Override
  public String prettyName() {
    return sketches.prettyName() + "_union";
  }
}
