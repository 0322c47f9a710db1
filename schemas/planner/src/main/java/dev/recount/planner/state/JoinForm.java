package dev.recount.planner.state;

import dev.recount.core.view.ViewJoin;
import dev.recount.planner.pass.Expressions;
import dev.recount.planner.row.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.EqualTo;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GetStructField;
import org.apache.spark.sql.catalyst.plans.JoinType;
import org.apache.spark.sql.catalyst.plans.logical.Filter;
import org.apache.spark.sql.catalyst.plans.logical.Join;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.View;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The one form of join that a view may have: the event, joined with the state of another by
 * equality with fields of its key.
 *
 * @param plan the view over one relation, the joined rows, in place of the join
 * @param event the event's columns
 * @param lookups matched field of the key to what it must equal, over the event's columns
 */
public record JoinForm(
    LogicalPlan plan, ViewJoin join, List<Attribute> event, Map<String, Expression> lookups) {
  private static final String FORM =
      "write FROM <event> AS e JOIN <state> AS s ON e.<field> = s.<key field>";
  private static final String ALONE =
      "put what is needed into the event, or join the state of an event that has a key";

  /**
   * The event that a view may join.
   *
   * @param key its key fields; empty if it has no state
   */
  public record State(String event, List<String> key) {}

  /**
   * Empty if the plan has no join.
   *
   * @param state null if the view reads one event only
   * @throws dev.recount.error.RecountException VIEW_NOT_MERGEABLE, saying what to write
   */
  public static Optional<JoinForm> of(LogicalPlan plan, State state, Refusal refusal) {
    Optional<Join> found = find(plan);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Join join = found.get();
    check(join, state, refusal);
    List<Attribute> event = CollectionConverters.asJava(join.left().output());
    List<Attribute> columns = CollectionConverters.asJava(join.right().output());
    Map<String, Expression> lookups = new LinkedHashMap<>();
    List<Expression> others = new ArrayList<>();
    for (Expression condition : conditions(join.condition().get())) {
      Optional<Map.Entry<String, Expression>> lookup = lookup(condition, event, columns, state);
      if (lookup.isEmpty()
          || lookups.putIfAbsent(lookup.get().getKey(), lookup.get().getValue()) != null) {
        others.add(condition);
      }
    }
    boolean keepsUnmatched = isLeft(join.joinType());
    requireLookups(lookups, others, keepsUnmatched, state, refusal);
    LogicalPlan joined = joined(event, columns, state, keepsUnmatched);
    for (Expression condition : others) {
      joined = new Filter(condition, joined);
    }
    return Optional.of(
        new JoinForm(
            replaced(plan, join, joined),
            new ViewJoin(state.event(), state.key(), matches(lookups), keepsUnmatched),
            event,
            lookups));
  }

  private static List<ViewJoin.Match> matches(Map<String, Expression> lookups) {
    return lookups.entrySet().stream()
        .map(l -> new ViewJoin.Match(l.getKey(), l.getValue().sql()))
        .toList();
  }

  private static Optional<Join> find(LogicalPlan plan) {
    if (plan instanceof Join join) {
      return Optional.of(join);
    }
    List<LogicalPlan> children = CollectionConverters.asJava(plan.children());
    return children.size() == 1 ? find(children.get(0)) : Optional.empty();
  }

  private static void check(Join join, State state, Refusal refusal) {
    if (join.left().exists(p -> p instanceof Join) || join.right().exists(p -> p instanceof Join)) {
      throw refusal.notMergeable(
          "a join of three relations",
          "reads more than one event and one state",
          "put what is missing into the event when it is sent, or make a view for each state");
    }
    if (state == null) {
      throw refusal.notMergeable(
          "a join of an event with itself", "needs all its events at once", ALONE);
    }
    if (!isInner(join.joinType()) && !isLeft(join.joinType())) {
      throw refusal.notMergeable(
          "a " + join.joinType().sql() + " JOIN",
          "is not an event with the state that it finds when it arrives",
          FORM + ", or LEFT JOIN to keep events without state");
    }
    if (!isBare(join.left()) || !isBare(join.right())) {
      throw refusal.notMergeable(
          "a join of a subquery",
          "is not one of an event with the state of another",
          "join the events themselves, and filter by WHERE");
    }
    if (state.key().isEmpty()) {
      throw refusal.notMergeable(
          "a join with '" + state.event() + "'",
          "needs its state, but no field of it is marked \"recount\": \"key\"",
          "mark the fields that say what it is the state of in events/"
              + state.event()
              + ".avsc, or, if the other event is the state, write that one on the right");
    }
    if (join.condition().isEmpty()) {
      throw refusal.notMergeable("a join without ON", "has no key to look a state up by", FORM);
    }
  }

  private static void requireLookups(
      Map<String, Expression> lookups,
      List<Expression> others,
      boolean keepsUnmatched,
      State state,
      Refusal refusal) {
    if (lookups.isEmpty()) {
      throw refusal.notMergeable(
          "a join ON " + others.stream().map(Expression::sql).collect(Collectors.joining(" AND ")),
          "has no equality of a field of the event with a key field of '" + state.event() + "'",
          "join by one or more of "
              + state.key()
              + " (of the same type), and write other conditions beside it");
    }
    if (keepsUnmatched && !others.isEmpty()) {
      throw refusal.notMergeable(
          "a LEFT JOIN ON " + others.get(0).sql(),
          "has conditions on more than the key",
          "write it as CASE WHEN in the SELECT, or write JOIN");
    }
  }

  private static boolean isInner(JoinType type) {
    return type instanceof org.apache.spark.sql.catalyst.plans.Inner$;
  }

  private static boolean isLeft(JoinType type) {
    return type instanceof org.apache.spark.sql.catalyst.plans.LeftOuter$;
  }

  private static boolean isBare(LogicalPlan plan) {
    if (plan instanceof SubqueryAlias alias) {
      return isBare(alias.child());
    }
    return plan instanceof View view ? isBare(view.child()) : plan instanceof LocalRelation;
  }

  private static List<Expression> conditions(Expression condition) {
    if (condition instanceof And and) {
      List<Expression> all = new ArrayList<>(conditions(and.left()));
      all.addAll(conditions(and.right()));
      return all;
    }
    return List.of(condition);
  }

  /** The key field and the event's field that the condition equates; empty if it does not. */
  private static Optional<Map.Entry<String, Expression>> lookup(
      Expression condition, List<Attribute> event, List<Attribute> columns, State state) {
    if (!(condition instanceof EqualTo equal)) {
      return Optional.empty();
    }
    Optional<Map.Entry<String, Expression>> straight =
        lookup(equal.left(), equal.right(), event, columns, state);
    return straight.isPresent()
        ? straight
        : lookup(equal.right(), equal.left(), event, columns, state);
  }

  private static Optional<Map.Entry<String, Expression>> lookup(
      Expression value,
      Expression column,
      List<Attribute> event,
      List<Attribute> columns,
      State state) {
    boolean isKey =
        column instanceof Attribute key
            && columns.stream().anyMatch(c -> c.exprId().equals(key.exprId()))
            && state.key().contains(key.name());
    return isKey && isField(value, event)
        ? Optional.of(Map.entry(((Attribute) column).name(), value))
        : Optional.empty();
  }

  /** A field of the event, as it is or widened: nothing that could fail. */
  private static boolean isField(Expression value, List<Attribute> event) {
    if (value instanceof Cast cast) {
      return Cast.canUpCast(cast.child().dataType(), cast.dataType())
          && isField(cast.child(), event);
    }
    if (value instanceof GetStructField field) {
      return isField(field.child(), event);
    }
    return value instanceof Attribute attribute
        && event.stream().anyMatch(e -> e.exprId().equals(attribute.exprId()));
  }

  private static LogicalPlan joined(
      List<Attribute> event, List<Attribute> columns, State state, boolean keepsUnmatched) {
    List<Attribute> all = new ArrayList<>(event);
    columns.forEach(
        c ->
            all.add(
                c.withName(JoinedRows.column(state.event(), c.name()))
                    .withNullability(c.nullable() || keepsUnmatched)));
    return new LocalRelation(
        Expressions.seq(all), Expressions.seq(List.of()), false, Option.empty());
  }

  private static LogicalPlan replaced(LogicalPlan plan, Join join, LogicalPlan by) {
    if (plan == join) {
      return by;
    }
    LogicalPlan child = CollectionConverters.asJava(plan.children()).get(0);
    return plan.withNewChildren(Expressions.seq(List.of(replaced(child, join, by))));
  }
}
