package dev.recount.planner.pass;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import scala.Function1;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractPartialFunction;

/** Reads and rewrites Spark's expressions. */
public final class Expressions {
  private Expressions() {}

  static List<Expression> substituted(
      List<? extends Expression> expressions, Map<ExprId, Expression> by) {
    List<Expression> substituted = new ArrayList<>();
    expressions.forEach(expression -> substituted.add(substitute(expression, by)));
    return substituted;
  }

  /** The expression with attributes replaced by what they stand for. */
  public static Expression substitute(Expression expression, Map<ExprId, Expression> by) {
    return expression.transform(
        new AbstractPartialFunction<Expression, Expression>() {
          @Override
          public boolean isDefinedAt(Expression e) {
            return e instanceof Attribute attribute && by.containsKey(attribute.exprId());
          }

          @Override
          @SuppressWarnings("unchecked")
          public <A extends Expression, B> B applyOrElse(A e, Function1<A, B> otherwise) {
            return isDefinedAt(e) ? (B) by.get(((Attribute) e).exprId()) : otherwise.apply(e);
          }
        });
  }

  /** A list as Scala has it. */
  public static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  /** The columns that an expression reads. */
  static List<String> names(Expression expression) {
    return CollectionConverters.asJava(expression.references().toSeq()).stream()
        .map(Attribute::name)
        .toList();
  }

  static List<Expression> of(List<NamedExpression> named) {
    return named.stream().map(e -> (Expression) e).toList();
  }

  /** What each output stands for. */
  public static Map<ExprId, Expression> aliases(List<NamedExpression> outputs) {
    Map<ExprId, Expression> aliases = new HashMap<>();
    for (NamedExpression output : outputs) {
      aliases.put(
          output.exprId(), output instanceof Alias alias ? alias.child() : (Expression) output);
    }
    return aliases;
  }
}
