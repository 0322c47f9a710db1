package dev.recount.planner.compile;

import dev.recount.planner.row.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.SubqueryExpression;
import org.apache.spark.sql.catalyst.plans.logical.Aggregate;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import org.apache.spark.sql.catalyst.trees.TreePattern;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The one form of plan that a view may have: renaming projections, over one aggregation, over
 * projections and filters, over the events.
 *
 * @param outputs name to grouping expression or measure, in the order of the SELECT
 */
record ViewShape(Aggregate aggregate, Map<String, Expression> outputs) {

  private static final String ROW_BY_ROW =
      "a view is one GROUP BY over the events of one type; do this in the query instead";

  /**
   * @throws dev.recount.error.RecountException VIEW_NOT_MERGEABLE or VIEW_INVALID
   */
  static ViewShape of(LogicalPlan plan, Refusal refusal) {
    if (!plan.exists(node -> node instanceof Aggregate)) {
      throw refusal.invalid(
          "it has neither GROUP BY nor an aggregate; a view groups events, such as SELECT browser,"
              + " count(*) AS views FROM page_view GROUP BY browser");
    }
    checkExpressions(plan, refusal);
    Map<ExprId, Output> outputs = new LinkedHashMap<>();
    Aggregate aggregate = above(plan, outputs, refusal);
    below(aggregate.child(), refusal);
    Map<String, Expression> named = new LinkedHashMap<>();
    for (Output output : outputs.values()) {
      if (named.keySet().stream().anyMatch(output.name()::equalsIgnoreCase)) {
        throw refusal.invalid("two columns are named '%s'; rename one by AS", output.name());
      }
      named.put(output.name(), output.expression());
    }
    return new ViewShape(aggregate, named);
  }

  private record Output(String name, Expression expression) {}

  private static Aggregate above(LogicalPlan plan, Map<ExprId, Output> outputs, Refusal refusal) {
    if (plan instanceof SubqueryAlias alias) {
      return above(alias.child(), outputs, refusal);
    }
    if (plan instanceof Aggregate aggregate) {
      for (NamedExpression named : CollectionConverters.asJava(aggregate.aggregateExpressions())) {
        Expression expression = named instanceof Alias alias ? alias.child() : (Expression) named;
        outputs.put(named.exprId(), new Output(named.name(), expression));
      }
      return aggregate;
    }
    if (plan instanceof Project project) {
      Map<ExprId, Output> inner = new LinkedHashMap<>();
      Aggregate aggregate = above(project.child(), inner, refusal);
      for (NamedExpression named : CollectionConverters.asJava(project.projectList())) {
        outputs.put(named.exprId(), renamed(named, inner, refusal));
      }
      return aggregate;
    }
    throw refused(plan, true, refusal);
  }

  private static Output renamed(NamedExpression named, Map<ExprId, Output> inner, Refusal refusal) {
    Expression source = named instanceof Alias alias ? alias.child() : (Expression) named;
    if (source instanceof Attribute attribute && inner.containsKey(attribute.exprId())) {
      return new Output(named.name(), inner.get(attribute.exprId()).expression());
    }
    throw refusal.notMergeable(
        source.sql(),
        "is computed from what is already grouped",
        "keep its parts as measures of the view, and compute it in the query");
  }

  private static void below(LogicalPlan plan, Refusal refusal) {
    if (plan instanceof LocalRelation) {
      return;
    }
    boolean fits =
        plan instanceof Project
            || plan instanceof Filter
            || plan instanceof SubqueryAlias
            || plan instanceof View;
    if (!fits) {
      throw refused(plan, false, refusal);
    }
    below(CollectionConverters.asJava(plan.children()).get(0), refusal);
  }

  private static RuntimeException refused(LogicalPlan plan, boolean above, Refusal refusal) {
    String node = plan.nodeName();
    return switch (node) {
      case "Filter" ->
          refusal.notMergeable(
              "HAVING",
              "sees only a part of each group",
              "leave it out, and write it when you query the view: HAVING MEASURE(...) > 10");
      case "Sort" ->
          refusal.notMergeable("ORDER BY", "has no meaning in a stored table", ROW_BY_ROW);
      case "GlobalLimit", "LocalLimit", "Offset", "Tail" ->
          refusal.notMergeable("LIMIT", "would drop groups of each part", ROW_BY_ROW);
      case "Distinct", "Deduplicate" ->
          refusal.notMergeable("SELECT DISTINCT", "cannot be merged", "write GROUP BY ALL");
      case "Join" ->
          refusal.notMergeable(
              "a join of what is grouped",
              "reads more than one relation",
              "join below the GROUP BY, an event with the state of another");
      case "Union", "Intersect", "Except" ->
          refusal.notMergeable(
              node.toUpperCase(Locale.ROOT),
              "reads more than one relation",
              "write one SELECT with WHERE ... OR ..., or a view for each SELECT");
      case "Window" ->
          refusal.notMergeable(
              "a window function",
              "needs all rows at once",
              "leave it out, and take the first rows when you query the view: ORDER BY"
                  + " MEASURE(...) DESC LIMIT 10");
      case "Expand" ->
          refusal.notMergeable(
              "GROUPING SETS, CUBE or ROLLUP",
              "makes rows of several groupings",
              "group by all of the columns, and roll up in the query");
      case "Aggregate" ->
          refusal.notMergeable(
              "an aggregation of an aggregation",
              "cannot be added up",
              "keep one GROUP BY over the events, and group by fewer columns in the query");
      case "WithCTE" ->
          refusal.notMergeable(
              "WITH", "is not supported in views", "write the query as a subquery in FROM");
      default ->
          refusal.notMergeable(
              node, above ? "is above the GROUP BY" : "is below the GROUP BY", ROW_BY_ROW);
    };
  }

  private static void checkExpressions(LogicalPlan plan, Refusal refusal) {
    for (Expression expression : CollectionConverters.asJava(plan.expressions())) {
      check(expression, refusal);
    }
    CollectionConverters.asJava(plan.children()).forEach(c -> checkExpressions(c, refusal));
  }

  private static void check(Expression expression, Refusal refusal) {
    if (expression instanceof SubqueryExpression) {
      throw refusal.notMergeable(
          "a subquery in an expression",
          "reads more than the current row",
          "put what is needed into the event");
    }
    boolean currentTime =
        expression.children().isEmpty() && expression.containsPattern(TreePattern.CURRENT_LIKE());
    boolean random =
        !expression.deterministic()
            && CollectionConverters.asJava(expression.children()).stream()
                .allMatch(Expression::deterministic)
            && !(expression
                instanceof org.apache.spark.sql.catalyst.expressions.aggregate.AggregateFunction);
    if (currentTime || random) {
      throw refusal.notMergeable(
          expression.sql(),
          "gives another result at each run, so batch and speed would differ",
          "use a field of the event, such as its event time");
    }
    List<Expression> children = CollectionConverters.asJava(expression.children());
    children.forEach(c -> check(c, refusal));
  }
}
