package dev.recount.planner.compile;

import dev.recount.planner.sketch.TDigestAgg;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.analysis.FunctionRegistry;
import org.apache.spark.sql.catalyst.expressions.Abs;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.CreateArray;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.LessThan;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.MaxBy;
import org.apache.spark.sql.catalyst.expressions.aggregate.MinBy;
import org.apache.spark.sql.catalyst.expressions.aggregate.Percentile;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.Dataset$;
import org.apache.spark.sql.types.DataTypes;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** What a view's functions mean where it is counted from raw events by plain SQL. */
public final class ExactFunctions {
  private ExactFunctions() {}

  /**
   * Changes functions of a session. tdigest_agg(x) becomes the exact percentiles 45 and 55 of the
   * finite x, an array, NULL if there are no values; the median of a t-digest is between them. Of
   * max_by(x, t) and min_by(x, t), Spark leaves open which x it is among equal t; here it is the
   * one that views choose.
   */
  public static void register(SparkSession session) {
    inlineCommonExpressions(session);
    // java.sql.Date and Timestamp have another calendar before 1582.
    session.conf().set("spark.sql.datetime.java8API.enabled", true);
    FunctionRegistry functions =
        ((org.apache.spark.sql.classic.SparkSession) session).sessionState().functionRegistry();
    functions.createOrReplaceTempFunction(
        TDigestAgg.NAME, a -> aroundMedian(argument(TDigestAgg.NAME, a, 0, 1)), "java_udf");
    functions.createOrReplaceTempFunction(
        "max_by",
        a -> ranked(new MaxBy(argument("max_by", a, 0, 2), argument("max_by", a, 1, 2))),
        "java_udf");
    functions.createOrReplaceTempFunction(
        "min_by",
        a -> ranked(new MinBy(argument("min_by", a, 0, 2), argument("min_by", a, 1, 2))),
        "java_udf");
  }

  /**
   * Writes out BETWEEN and nullif in place. Spark would name what they use twice, in a form that
   * {@link Unfailing} cannot look into.
   */
  static void inlineCommonExpressions(SparkSession session) {
    session.conf().set("spark.sql.alwaysInlineCommonExpr", true);
  }

  /**
   * The rows of a SELECT in such a session, in which what cannot be computed is NULL, as in views.
   */
  public static Dataset<Row> rows(SparkSession session, String sql) {
    return rows(
        session,
        ((org.apache.spark.sql.classic.Dataset<Row>) session.sql(sql)).queryExecution().analyzed());
  }

  /** Like the other, of an analysed plan. */
  public static Dataset<Row> rows(SparkSession session, LogicalPlan plan) {
    return Dataset$.MODULE$.ofRows(
        (org.apache.spark.sql.classic.SparkSession) session, Unfailing.of(plan));
  }

  private static Expression aroundMedian(Expression of) {
    List<Expression> bounds =
        List.of(new Literal(0.45, DataTypes.DoubleType), new Literal(0.55, DataTypes.DoubleType));
    Expression number = new Cast(of, DataTypes.DoubleType, Option.empty(), EvalMode.LEGACY());
    return new Percentile(
        new If(
            new LessThan(
                new Abs(number), new Literal(Double.POSITIVE_INFINITY, DataTypes.DoubleType)),
            number,
            new Literal(null, DataTypes.DoubleType)),
        new CreateArray(CollectionConverters.asScala(bounds).toSeq()),
        new Literal(1L, DataTypes.LongType),
        0,
        0,
        false);
  }

  private static Expression ranked(AggregateFunction function) {
    return RankedForm.of(function).exact();
  }

  private static Expression argument(String name, Seq<Expression> all, int index, int count) {
    if (all.length() != count) {
      throw new IllegalArgumentException(
          name + " takes " + count + " arguments, not " + all.length());
    }
    return all.apply(index);
  }
}
