package dev.recount.speed;

import dev.recount.contract.event.EventSchema;
import dev.recount.contract.event.Topics;
import dev.recount.contract.event.WriterSchemas;
import dev.recount.contract.view.StoredColumn;
import dev.recount.contract.view.ViewPlan;
import dev.recount.planner.DistinctField;
import dev.recount.planner.EventRows;
import dev.recount.planner.ViewCompiler;
import dev.recount.planner.ViewProgram;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.sql.types.DataTypes;
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
   */
  record Target(ViewProgram program, String topic, int dimensions, DistinctField distinct) {}

  private record Event(
      EventSchema schema,
      WriterSchemas writers,
      Duration grain,
      List<Target> targets,
      Copies copies,
      Queue<Worker> idle) {
    Worker worker() {
      Worker known = idle.poll();
      return known != null ? known : new Worker(type(schema), decoder(), grain, targets, copies);
    }

    private EventRows decoder() {
      return new EventRows(schema, writers);
    }
  }

  private static final Map<String, Event> EVENTS = new ConcurrentHashMap<>();

  private EventWorkers() {}

  /** Runs these views over the event from now on. */
  static void use(
      EventSchema schema,
      WriterSchemas writers,
      Duration grain,
      List<ViewPlan> plans,
      ViewCompiler compiler,
      Copies copies) {
    List<Target> targets = plans.stream().map(plan -> target(plan, schema, compiler)).toList();
    EVENTS.put(
        schema.name(),
        new Event(schema, writers, grain, targets, copies, new ConcurrentLinkedQueue<>()));
    copies.use(distinctFields(targets).stream().map(DistinctField::name).toList());
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

  private static Target target(ViewPlan plan, EventSchema schema, ViewCompiler compiler) {
    return new Target(
        compiler.program(plan, type(schema), true),
        Topics.deltas(plan.table()),
        plan.dimensions().size(),
        DistinctField.of(plan, type(schema)).orElse(null));
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
