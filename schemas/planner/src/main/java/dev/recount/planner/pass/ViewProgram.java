package dev.recount.planner.pass;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.sketch.ObjectSketchAgg;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.Alias;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.AttributeReference;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.ExprId;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.If;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.NamedExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.AggregateExpression;
import org.apache.spark.sql.catalyst.expressions.aggregate.DeclarativeAggregate;
import org.apache.spark.sql.catalyst.optimizer.NormalizeFloatingNumbers$;
import org.apache.spark.sql.catalyst.planning.PhysicalAggregation;
import org.apache.spark.sql.catalyst.planning.PhysicalOperation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * A view as a task runs it: one pass over events, several views beside each other, no shuffle. It
 * is taken from Spark's optimised plan of the view's SQL, and Spark's own expressions and generated
 * code do the work, so that a value is what Spark says it is. What a pass gives for a group must be
 * merged with what other passes give for it, as all rows of a view are.
 */
public final class ViewProgram implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Value of the buffer's last column, the place of a group's objects, while there are none. */
  static final int NO_SLOT = -1;

  /** An aggregate whose state is a Java object: a sketch. */
  record ObjectAggregate(ObjectSketchAgg<Object> function, Expression filter)
      implements Serializable {}

  private final StructType type;
  private final List<Attribute> input;
  private final List<Expression> filters = new ArrayList<>();
  private final List<Expression> keys = new ArrayList<>();
  private final List<Attribute> keyResults = new ArrayList<>();
  private final List<Expression> initial = new ArrayList<>();
  private final List<Expression> updates = new ArrayList<>();
  private final List<Attribute> buffer = new ArrayList<>();
  private final List<ObjectAggregate> objects = new ArrayList<>();
  private final List<Attribute> objectResults = new ArrayList<>();
  private final List<Expression> results = new ArrayList<>();
  private final Set<String> columns = new TreeSet<>();

  private ViewProgram(StructType type, List<Attribute> input) {
    this.type = type;
    this.input = new ArrayList<>(input);
  }

  /**
   * @param rows the view, as the compiler makes it, over events without rows
   */
  public static ViewProgram of(Dataset<Row> rows) {
    LogicalPlan plan = rows.queryExecution().optimizedPlan();
    List<Expression> top = null;
    while (plan instanceof Project project) {
      List<NamedExpression> outputs = CollectionConverters.asJava(project.projectList());
      top =
          top == null
              ? Expressions.of(outputs)
              : Expressions.substituted(top, Expressions.aliases(outputs));
      plan = project.child();
    }
    var aggregation = PhysicalAggregation.unapply(plan);
    if (aggregation.isEmpty()) {
      throw unexpected(plan);
    }
    var operation = PhysicalOperation.unapply(aggregation.get()._4());
    if (operation.isEmpty() || operation.get()._3().children().nonEmpty()) {
      throw unexpected(plan);
    }
    List<NamedExpression> outputs = CollectionConverters.asJava(aggregation.get()._3());
    List<Expression> results =
        top == null
            ? Expressions.of(outputs)
            : Expressions.substituted(top, Expressions.aliases(outputs));
    ViewProgram program =
        new ViewProgram(rows.schema(), CollectionConverters.asJava(operation.get()._3().output()));
    program.filters.addAll(CollectionConverters.asJava(operation.get()._2()));
    program.compile(
        Expressions.aliases(CollectionConverters.asJava(operation.get()._1())),
        CollectionConverters.asJava(aggregation.get()._1()),
        CollectionConverters.asJava(aggregation.get()._2()),
        results);
    program.noteColumns();
    return program;
  }

  private static RecountException unexpected(LogicalPlan plan) {
    return RecountException.of(
        ErrorCode.INTERNAL,
        "Cannot run a view: its plan is not an aggregation of events: %s",
        plan);
  }

  private void compile(
      Map<ExprId, Expression> projected,
      List<NamedExpression> grouping,
      List<AggregateExpression> aggregates,
      List<Expression> outputs) {
    for (NamedExpression group : grouping) {
      Expression value = group instanceof Alias alias ? alias.child() : (Expression) group;
      keys.add(
          NormalizeFloatingNumbers$.MODULE$.normalize(Expressions.substitute(value, projected)));
      keyResults.add(group.toAttribute());
    }
    Map<ExprId, Expression> evaluated = new HashMap<>();
    for (AggregateExpression aggregate : aggregates) {
      AggregateExpression over = (AggregateExpression) Expressions.substitute(aggregate, projected);
      Expression filter = over.filter().isDefined() ? over.filter().get() : null;
      if (over.aggregateFunction() instanceof DeclarativeAggregate function) {
        add(function, filter);
        evaluated.put(aggregate.resultAttribute().exprId(), function.evaluateExpression());
      } else {
        add((ObjectSketchAgg<?>) over.aggregateFunction(), filter);
        objectResults.add(aggregate.resultAttribute());
      }
    }
    buffer.add(slot());
    initial.add(new Literal(NO_SLOT, DataTypes.IntegerType));
    results.addAll(Expressions.substituted(outputs, evaluated));
  }

  private static Attribute slot() {
    return new AttributeReference(
        "_slot",
        DataTypes.IntegerType,
        false,
        Metadata.empty(),
        NamedExpression.newExprId(),
        Expressions.seq(List.of()));
  }

  private void add(DeclarativeAggregate function, Expression filter) {
    List<? extends Attribute> attributes =
        CollectionConverters.asJava(function.aggBufferAttributes());
    List<Expression> next = CollectionConverters.asJava(function.updateExpressions());
    buffer.addAll(attributes);
    initial.addAll(CollectionConverters.asJava(function.initialValues()));
    for (int i = 0; i < next.size(); i++) {
      updates.add(filter == null ? next.get(i) : new If(filter, next.get(i), attributes.get(i)));
    }
  }

  @SuppressWarnings("unchecked")
  private void add(ObjectSketchAgg<?> function, Expression filter) {
    Map<ExprId, Expression> bound = new HashMap<>();
    for (int i = 0; i < input.size(); i++) {
      Attribute column = input.get(i);
      bound.put(column.exprId(), new BoundReference(i, column.dataType(), column.nullable()));
    }
    columns.addAll(Expressions.names(function));
    objects.add(
        new ObjectAggregate(
            (ObjectSketchAgg<Object>) Expressions.substitute(function, bound), filter));
  }

  private void noteColumns() {
    filters.forEach(e -> columns.addAll(Expressions.names(e)));
    keys.forEach(e -> columns.addAll(Expressions.names(e)));
    updates.forEach(e -> columns.addAll(Expressions.names(e)));
    objects.stream()
        .filter(o -> o.filter() != null)
        .forEach(o -> columns.addAll(Expressions.names(o.filter())));
    columns.retainAll(input.stream().map(Attribute::name).toList());
  }

  /** The columns of its rows: dimensions, stored parts, and the arrival if it groups by it. */
  public StructType type() {
    return type;
  }

  /** The input columns that it reads; others may be NULL in what it is given. */
  public Set<String> columns() {
    return columns;
  }

  List<Attribute> input() {
    return input;
  }

  List<Expression> filters() {
    return filters;
  }

  List<Expression> keys() {
    return keys;
  }

  List<Attribute> keyResults() {
    return keyResults;
  }

  List<Attribute> buffer() {
    return buffer;
  }

  List<Expression> initial() {
    return initial;
  }

  List<Expression> updates() {
    return updates;
  }

  List<ObjectAggregate> objects() {
    return objects;
  }

  /** A fresh state for each object aggregate. */
  Object[] freshObjects() {
    return objects.stream().map(o -> o.function().createAggregationBuffer()).toArray();
  }

  /** About how much memory the object states of a group take. */
  int objectBytes() {
    return objects.stream().mapToInt(o -> o.function().stateBytes()).sum();
  }

  List<Attribute> objectResults() {
    return objectResults;
  }

  List<Expression> results() {
    return results;
  }
}
