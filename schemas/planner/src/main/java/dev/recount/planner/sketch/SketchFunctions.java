package dev.recount.planner.sketch;

import dev.recount.core.view.Merge;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.immutable.Seq;

/** Makes the sketches known to sessions. */
public final class SketchFunctions {
  private static final Expression NOTHING = new Literal(null, DataTypes.NullType);

  private SketchFunctions() {}

  /** Adds theta_sketch_agg, hll_agg and tdigest_agg to a session. */
  public static void register(SparkSession session) {
    FunctionRegistry functions =
        ((org.apache.spark.sql.classic.SparkSession) session).sessionState().functionRegistry();
    functions.createOrReplaceTempFunction(
        ThetaSketchAgg.NAME,
        a -> new ThetaSketchAgg(only(ThetaSketchAgg.NAME, a), 0, 0),
        "java_udf");
    functions.createOrReplaceTempFunction(
        HllAgg.NAME, a -> new HllAgg(only(HllAgg.NAME, a), 0, 0), "java_udf");
    functions.createOrReplaceTempFunction(
        TDigestAgg.NAME, a -> new TDigestAgg(only(TDigestAgg.NAME, a), 0, 0), "java_udf");
  }

  /** The bytes of a sketch of no values, of the kind that a merge takes. */
  public static byte[] empty(Merge merge) {
    ObjectSketchAgg<Object> sketch = of(merge);
    return sketch.serialize(sketch.createAggregationBuffer());
  }

  /** The sketch that a merge takes, of nothing. */
  @SuppressWarnings("unchecked")
  static ObjectSketchAgg<Object> of(Merge merge) {
    ObjectSketchAgg<?> sketch =
        switch (merge) {
          case THETA_UNION -> new ThetaSketchAgg(NOTHING, 0, 0);
          case HLL_UNION -> new HllAgg(NOTHING, 0, 0);
          case TDIGEST_MERGE -> new TDigestAgg(NOTHING, 0, 0);
          default -> throw new IllegalArgumentException(merge + " takes no sketch");
        };
    return (ObjectSketchAgg<Object>) sketch;
  }

  private static Expression only(String name, Seq<Expression> arguments) {
    if (arguments.length() != 1) {
      throw new IllegalArgumentException(
          name + " takes one argument, not " + arguments.length() + ": " + name + "(x)");
    }
    return arguments.head();
  }
}
