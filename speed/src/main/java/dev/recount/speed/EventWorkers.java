package dev.recount.speed;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.event.WriterSchemas;
import dev.recount.planner.compile.DistinctField;
import dev.recount.planner.compile.ViewCompiler;
import dev.recount.planner.pass.ViewProgram;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.state.JoinedRows;
import dev.recount.planner.state.StateJoin;
import dev.recount.planner.state.StateTable;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The workers of this process. A worker is not thread-safe and costs much to make, so tasks borrow
 * one and give it back; writer schemas are asked for in the catalog, where the archive asks too.
 * The streaming job runs inside one process, so tasks find this by name.
 */
final class EventWorkers {
  /**
   * A view as a worker runs it.
   *
   * @param distinct null where it counts every record
   * @param lookup how it finds the states that it joins; null where it joins none
   */
  record Target(
      ViewProgram program, String topic, int dimensions, DistinctField distinct, Lookup lookup) {}

  /**
   * Where the states of a view are.
   *
   * @param keepsUnmatched whether an event that finds none is kept
   */
  record Lookup(StateJoin join, StateTable table, boolean keepsUnmatched) {}

  private record Event(
      EventSchema schema,
      WriterSchemas writers,
      RecountConfig config,
      List<Target> targets,
      Copies copies,
      Queue<Worker> idle) {
    Worker worker() {
      Worker known = idle.poll();
      return known != null
          ? known
          : new Worker(type(schema), decoder(), config.cut().grain(), targets, copies);
    }

    private EventRows decoder() {
      return new EventRows(schema, writers, config.events().maxSizeBytes());
    }
  }

  private static final Map<String, Event> EVENTS = new ConcurrentHashMap<>();

  private EventWorkers() {}

  /**
   * Runs these views over the event from now on.
   *
   * @param states is made to hold what they join
   * @return why views cannot be run, of each that cannot; the others are
   */
  static Map<ViewPlan, Throwable> use(
      Definition definition,
      WriterSchemas writers,
      RecountConfig config,
      List<ViewPlan> plans,
      ViewCompiler compiler,
      Copies copies,
      JoinedStates states) {
    EventSchema schema = definition.schema();
    Map<ViewPlan, Throwable> failures = new LinkedHashMap<>();
    Map<ViewPlan, ViewProgram> programs =
        each(plans, failures, plan -> compiler.program(plan, type(definition, plan), true));
    states.use(programs, definition.states());
    Map<ViewPlan, Target> targets =
        each(
            programs.keySet(),
            failures,
            plan -> target(plan, programs.get(plan), definition, compiler, states));
    EVENTS.put(
        schema.name(),
        new Event(
            schema,
            writers,
            config,
            List.copyOf(targets.values()),
            copies,
            new ConcurrentLinkedQueue<>()));
    copies.use(
        distinctFields(List.copyOf(targets.values())).stream().map(DistinctField::name).toList());
    return failures;
  }

  /** What is made of each view, but for those that fail in it. */
  private static <T> Map<ViewPlan, T> each(
      Collection<ViewPlan> plans, Map<ViewPlan, Throwable> failures, Function<ViewPlan, T> make) {
    Map<ViewPlan, T> made = new LinkedHashMap<>();
    for (ViewPlan plan : plans) {
      try {
        made.put(plan, make.apply(plan));
      } catch (Throwable e) {
        Failures.requireOfView(e, null);
        failures.put(plan, e);
      }
    }
    return made;
  }

  private static Target target(
      ViewPlan plan,
      ViewProgram program,
      Definition definition,
      ViewCompiler compiler,
      JoinedStates states) {
    return new Target(
        program,
        Topics.deltas(plan.table()),
        (int) plan.dimensionColumns().count(),
        DistinctField.of(plan, type(definition.schema())).orElse(null),
        lookup(plan, definition, compiler, states));
  }

  /** What views are distinct by, each field once, in order. */
  static List<DistinctField> distinctFields(List<Target> targets) {
    return targets.stream()
        .map(Target::distinct)
        .filter(Objects::nonNull)
        .distinct()
        .sorted(Comparator.comparing(DistinctField::name))
        .toList();
  }

  private static Lookup lookup(
      ViewPlan plan, Definition definition, ViewCompiler compiler, JoinedStates states) {
    if (plan.join() == null) {
      return null;
    }
    StructType state = EventRows.type(definition.states().get(plan.join().state()));
    return new Lookup(
        compiler.join(plan, EventRows.type(definition.schema()), state),
        states.table(plan.join()),
        plan.join().keepsUnmatched());
  }

  /** What a view is given: the event's row, and after it the state's where it joins one. */
  private static StructType type(Definition definition, ViewPlan plan) {
    StructType type = type(definition.schema());
    if (plan.join() == null) {
      return type;
    }
    StructType state = EventRows.type(definition.states().get(plan.join().state()));
    for (StructField field : JoinedRows.columns(plan.join(), state).fields()) {
      type = type.add(field);
    }
    return type;
  }

  /** An event's rows with the arrival bucket as last column. */
  private static StructType type(EventSchema schema) {
    return EventRows.type(schema).add(StoredColumn.ARRIVED, DataTypes.LongType, false);
  }

  /** A worker that is the caller's until it is given back. */
  static Loan borrow(String event) {
    Event definition = EVENTS.get(event);
    return new Loan(definition.worker(), definition.idle());
  }

  /** A borrowed worker; closing gives it back. */
  record Loan(Worker worker, Queue<Worker> home) implements AutoCloseable {
    @Override
    public void close() {
      home.add(worker);
    }
  }
}
