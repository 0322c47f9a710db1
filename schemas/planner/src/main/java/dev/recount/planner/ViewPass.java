package dev.recount.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.And;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BasePredicate;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.MutableProjection;
import org.apache.spark.sql.catalyst.expressions.Predicate;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import scala.collection.immutable.Seq;

/**
 * One pass of a {@link ViewProgram} over events, inside a Spark task: a hash table of groups. Not
 * thread-safe.
 */
public final class ViewPass implements AutoCloseable {
  private final ViewProgram program;
  private final TaskContext task;
  private final Consumer<InternalRow> sink;
  private final BasePredicate filter;
  private final UnsafeProjection key;
  private final MutableProjection update;
  private final UnsafeProjection result;
  private final List<BasePredicate> objectFilters;
  private final JoinedRow bufferAndEvent = new JoinedRow();
  private Groups groups;
  private long emitted;

  ViewPass(ViewProgram program, TaskContext task, Consumer<InternalRow> sink) {
    this.program = program;
    this.task = task;
    this.sink = sink;
    this.filter = predicate(program.filters());
    this.key =
        UnsafeProjection.create(ViewProgram.seq(program.keys()), ViewProgram.seq(program.input()));
    this.update =
        MutableProjection.create(
            ViewProgram.seq(program.updates()),
            attributes(List.of(program.buffer(), program.input())));
    this.result =
        UnsafeProjection.create(
            ViewProgram.seq(program.results()),
            attributes(List.of(program.keyResults(), program.buffer(), program.objectResults())));
    this.objectFilters =
        program.objects().stream()
            .map(o -> o.filter() == null ? null : predicate(List.of(o.filter())))
            .toList();
    this.groups = Groups.of(program, task);
  }

  /** Null where there is no condition. */
  private BasePredicate predicate(List<Expression> conditions) {
    return conditions.stream()
        .reduce(And::new)
        .map(all -> Predicate.create(all, ViewProgram.seq(program.input())))
        .orElse(null);
  }

  private static Seq<Attribute> attributes(List<List<Attribute>> lists) {
    return ViewProgram.seq(lists.stream().flatMap(List::stream).toList());
  }

  /**
   * Counts an event in; it may be used again by the caller afterwards. Where no memory is left for
   * another group, all rows so far are given away and the pass begins anew.
   *
   * @param event the columns that the program was compiled over
   */
  public void add(InternalRow event) {
    if (filter != null && !filter.eval(event)) {
      return;
    }
    UnsafeRow group = key.apply(event);
    if (!groups.find(group)) {
      emit();
      groups = Groups.of(program, task);
      if (!groups.find(group)) {
        throw new OutOfMemoryError("Cannot hold a single group of a view");
      }
    }
    if (!program.updates().isEmpty()) {
      InternalRow buffer = groups.buffer();
      update.target(buffer).apply(bufferAndEvent.apply(buffer, event));
    }
    updateObjects(event);
  }

  private void updateObjects(InternalRow event) {
    Object[] states = groups.objects();
    for (int i = 0; i < states.length; i++) {
      BasePredicate condition = objectFilters.get(i);
      if (condition == null || condition.eval(event)) {
        states[i] = program.objects().get(i).function().update(states[i], event);
      }
    }
  }

  /**
   * Gives the remaining rows away, and ends the pass.
   *
   * @return how many rows it gave in all
   */
  public long finish() {
    if (program.keys().isEmpty() && emitted == 0) {
      groups.find(key.apply(InternalRow.empty()));
    }
    emit();
    return emitted;
  }

  private void emit() {
    GenericInternalRow objects = new GenericInternalRow(program.objects().size());
    JoinedRow state = new JoinedRow();
    JoinedRow all = new JoinedRow();
    groups.forEach(
        (group, buffer, states) -> {
          for (int i = 0; i < states.length; i++) {
            objects.update(i, program.objects().get(i).function().eval(states[i]));
          }
          sink.accept(result.apply(all.apply(group, state.apply(buffer, objects))));
          emitted++;
        });
    groups.close();
  }

  /** Lets go of the memory; to be called also after a failure. */
  @Override
  public void close() {
    groups.close();
  }

  /** A fresh state for each object aggregate. */
  static Object[] fresh(ViewProgram program) {
    List<Object> states = new ArrayList<>();
    program.objects().forEach(o -> states.add(o.function().createAggregationBuffer()));
    return states.toArray();
  }
}
