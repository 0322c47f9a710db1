package dev.recount.planner.compile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.spark.sql.catalyst.analysis.UpdateAttributeNullability;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Between;
import org.apache.spark.sql.catalyst.expressions.BinaryComparison;
import org.apache.spark.sql.catalyst.expressions.CaseWhen;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Coalesce;
import org.apache.spark.sql.catalyst.expressions.CreateNamedStruct;
import org.apache.spark.sql.catalyst.expressions.Divide;
import org.apache.spark.sql.catalyst.expressions.EvalMode;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.In;
import org.apache.spark.sql.catalyst.expressions.IsNotNull;
import org.apache.spark.sql.catalyst.expressions.IsNull;
import org.apache.spark.sql.catalyst.expressions.LambdaFunction;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Lower;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.NamedLambdaVariable;
import org.apache.spark.sql.catalyst.expressions.Not;
import org.apache.spark.sql.catalyst.expressions.NullIf;
import org.apache.spark.sql.catalyst.expressions.Or;
import org.apache.spark.sql.catalyst.expressions.Remainder;
import org.apache.spark.sql.catalyst.expressions.StringPredicate;
import org.apache.spark.sql.catalyst.expressions.TruncTimestamp;
import org.apache.spark.sql.catalyst.expressions.TryEval;
import org.apache.spark.sql.catalyst.expressions.Upper;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction;
import org.apache.spark.sql.catalyst.expressions.aggregate.Max;
import org.apache.spark.sql.catalyst.expressions.aggregate.Min;
import org.apache.spark.sql.catalyst.expressions.aggregate.Sum;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A view's plan in which no event can make an expression fail: what has no value (an overflow, a
 * cast of what is not a number, a division by zero, an index that an array does not have) is NULL,
 * and so is a text that functions make too long ({@link TextLimit}). Otherwise one event would stop
 * a layer for good.
 */
final class Unfailing {
  private static final List<Class<? extends Expression>> NEVER_FAIL =
      List.of(
          Attribute.class,
          Literal.class,
          Alias.class,
          And.class,
          Between.class,
          NullIf.class,
          Or.class,
          Not.class,
          BinaryComparison.class,
          StringPredicate.class,
          In.class,
          IsNull.class,
          IsNotNull.class,
          If.class,
          CaseWhen.class,
          Coalesce.class,
          CreateNamedStruct.class,
          GetStructField.class,
          LambdaFunction.class,
          NamedLambdaVariable.class,
          TruncTimestamp.class,
          Upper.class,
          Lower.class,
          TryEval.class);

  private Unfailing() {}

  /** The same plan, its expressions guarded; columns over them know that they can be NULL. */
  static LogicalPlan of(LogicalPlan plan) {
    return UpdateAttributeNullability.apply(guardedPlan(plan));
  }

  private static LogicalPlan guardedPlan(LogicalPlan plan) {
    List<LogicalPlan> children = new ArrayList<>();
    CollectionConverters.asJava(plan.children()).forEach(child -> children.add(guardedPlan(child)));
    LogicalPlan copy = children.isEmpty() ? plan : plan.withNewChildren(seq(children));
    if (copy instanceof Filter filter) {
      return new Filter(guarded(filter.condition()), filter.child());
    }
    if (copy instanceof Project project) {
      return new Project(named(project.projectList(), Unfailing::guarded), project.child());
    }
    return copy instanceof Aggregate aggregate ? of(aggregate) : copy;
  }

  private static Aggregate of(Aggregate aggregate) {
    List<Expression> groups = CollectionConverters.asJava(aggregate.groupingExpressions());
    return new Aggregate(
        seq(groups.stream().map(Unfailing::guarded).toList()),
        named(aggregate.aggregateExpressions(), e -> ofGroup(e, groups)),
        aggregate.child(),
        aggregate.hint());
  }

  private static Seq<NamedExpression> named(
      Seq<NamedExpression> expressions, UnaryOperator<Expression> change) {
    List<NamedExpression> changed = new ArrayList<>();
    for (NamedExpression named : CollectionConverters.asJava(expressions)) {
      changed.add((NamedExpression) change.apply((Expression) named));
    }
    return seq(changed);
  }

  /** An expression over what is grouped by and over aggregates. */
  private static Expression ofGroup(Expression expression, List<Expression> groups) {
    if (groups.stream().anyMatch(expression::semanticEquals)) {
      return guarded(expression);
    }
    if (expression instanceof AggregateExpression aggregate) {
      AggregateFunction function =
          (AggregateFunction) changed(aggregate.aggregateFunction(), Unfailing::guarded);
      return new AggregateExpression(
          bounded(function),
          aggregate.mode(),
          aggregate.isDistinct(),
          aggregate.filter().isDefined()
              ? Option.apply(guarded(aggregate.filter().get()))
              : aggregate.filter(),
          aggregate.resultId());
    }
    Expression changed = changed(expression, child -> ofGroup(child, groups));
    return changed instanceof Divide || changed instanceof Remainder
        ? new TryEval(changed)
        : changed;
  }

  private static AggregateFunction bounded(AggregateFunction function) {
    if (function instanceof Max max) {
      return new Max(TextLimit.within(max.child()));
    }
    if (function instanceof Min min) {
      return new Min(TextLimit.within(min.child()));
    }
    return function instanceof Sum sum ? new Sum(sum.child(), EvalMode.TRY()) : function;
  }

  /** An expression over an event. */
  private static Expression guarded(Expression expression) {
    Expression changed = changed(expression, Unfailing::guarded);
    return neverFails(expression)
        ? changed
        : TextLimit.within(new TryEval(TextLimit.guarded(changed)));
  }

  private static boolean neverFails(Expression expression) {
    if (expression instanceof Cast cast) {
      return Cast.canUpCast(cast.child().dataType(), cast.dataType());
    }
    return NEVER_FAIL.stream().anyMatch(type -> type.isInstance(expression));
  }

  private static Expression changed(Expression expression, UnaryOperator<Expression> change) {
    List<Expression> children = CollectionConverters.asJava(expression.children());
    return children.isEmpty()
        ? expression
        : expression.withNewChildren(seq(children.stream().map(change).toList()));
  }

  private static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }
}
