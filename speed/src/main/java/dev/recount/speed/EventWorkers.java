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
import dev.recount.planner.state.StateTable;
import java.io.Serializable;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The workers of one stream. A worker is not thread-safe and costs much to make, so tasks borrow
 * one and give it back; writer schemas are asked for in the catalog, where the archive asks too.
 * Tasks are sent to where they run, but in one process: they are given a {@link Reference}.
 */
final class EventWorkers implements AutoCloseable {
  private record Event(
      EventSchema schema,
      WriterSchemas writers,
      RecountConfig config,
      List<ViewTarget> targets,
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

  /** Finds the workers that it was made of, in the same process. */
  record Reference(int number) implements Serializable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Map<Integer, EventWorkers> OPEN = new ConcurrentHashMap<>();

    private static Reference to(EventWorkers workers) {
      Reference reference = new Reference(NUMBERS.incrementAndGet());
      OPEN.put(reference.number, workers);
      return reference;
    }

    /** A worker that is the caller's until it is given back. */
    Loan borrow() {
      Event event = OPEN.get(number).event;
      return new Loan(event.worker(), event.idle());
    }
  }

  private final RecountConfig config;
  private final ViewCompiler compiler;
  private final Copies copies;
  private final JoinedStates states;
  private final Reference reference;
  private volatile Event event;

  /**
   * @param states is made to hold what views join
   */
  EventWorkers(RecountConfig config, ViewCompiler compiler, Copies copies, JoinedStates states) {
    this.config = config;
    this.compiler = compiler;
    this.copies = copies;
    this.states = states;
    this.reference = Reference.to(this);
  }

  Reference reference() {
    return reference;
  }

  /**
   * Runs these views over the event from now on.
   *
   * @return why views cannot be run, of each that cannot; the others are
   */
  Map<ViewPlan, Throwable> use(Definition definition, WriterSchemas writers, List<ViewPlan> plans) {
    Map<ViewPlan, Throwable> failures = new LinkedHashMap<>();
    Map<ViewPlan, ViewProgram> programs =
        each(plans, failures, plan -> compiler.program(plan, type(definition, plan), true));
    states.use(programs, definition.states());
    List<ViewTarget> targets =
        List.copyOf(
            each(programs.keySet(), failures, plan -> target(plan, programs.get(plan), definition))
                .values());
    event =
        new Event(
            definition.schema(), writers, config, targets, copies, new ConcurrentLinkedQueue<>());
    copies.use(ViewTarget.distinctFields(targets).stream().map(DistinctField::name).toList());
    return failures;
  }

  @Override
  public void close() {
    Reference.OPEN.remove(reference.number());
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

  private ViewTarget target(ViewPlan plan, ViewProgram program, Definition definition) {
    StateTable table = plan.join() == null ? null : states.table(plan.join());
    return target(compiler, plan, program, definition, table);
  }

  /**
   * A view as workers run it.
   *
   * @param table holds the states that it joins; null if it joins none
   */
  static ViewTarget target(
      ViewCompiler compiler,
      ViewPlan plan,
      ViewProgram program,
      Definition definition,
      StateTable table) {
    ViewTarget.Lookup lookup =
        plan.join() == null
            ? null
            : new ViewTarget.Lookup(
                compiler.join(
                    plan, EventRows.type(definition.schema()), stateType(plan, definition)),
                table,
                plan.join().keepsUnmatched());
    return new ViewTarget(
        program,
        Topics.deltas(plan.table()),
        (int) plan.dimensionColumns().count(),
        DistinctField.of(plan, type(definition.schema())).orElse(null),
        lookup);
  }

  private static StructType stateType(ViewPlan plan, Definition definition) {
    return EventRows.type(definition.states().get(plan.join().state()));
  }

  /** What a view is given: the event's row, and after it the state's if it joins one. */
  static StructType type(Definition definition, ViewPlan plan) {
    StructType type = type(definition.schema());
    if (plan.join() == null) {
      return type;
    }
    for (StructField field :
        JoinedRows.columns(plan.join(), stateType(plan, definition)).fields()) {
      type = type.add(field);
    }
    return type;
  }

  /** An event's rows with the arrival bucket as last column. */
  static StructType type(EventSchema schema) {
    return EventRows.type(schema).add(StoredColumn.ARRIVED, DataTypes.LongType, false);
  }

  /** A borrowed worker; closing gives it back. */
  record Loan(Worker worker, Queue<Worker> home) implements AutoCloseable {
    @Override
    public void close() {
      home.add(worker);
    }
  }
}
