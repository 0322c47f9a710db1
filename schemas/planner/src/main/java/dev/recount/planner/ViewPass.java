package dev.recount.planner;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
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
 * Runs a {@link ViewProgram} over events, inside a Spark task: a hash table of groups. It costs
 * much to make and can be used for one pass after the other. Not thread-safe.
 */
public final class ViewPass implements AutoCloseable {
  private final ViewProgram program;
  private final BasePredicate filter;
  private final UnsafeProjection key;
  private final MutableProjection update;
  private final UnsafeProjection result;
  private final List<BasePredicate> objectFilters;
  private final JoinedRow bufferAndEvent = new JoinedRow();
  private TaskContext task;
  private Consumer<InternalRow> sink;
  private boolean isWhole;
  private Groups groups;
  private long emitted;

  public ViewPass(ViewProgram program) {
    this.program = program;
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
    this.objectFilters = new ArrayList<>();
    program
        .objects()
        .forEach(
            o -> objectFilters.add(o.filter() == null ? null : predicate(List.of(o.filter()))));
  }

  /**
   * Begins a pass. A group may get several rows: where no memory is left for another group, all
   * rows so far are given away.
   *
   * @param newSink is given each row; a row is valid only until it returns
   */
  public ViewPass start(TaskContext context, Consumer<InternalRow> newSink) {
    return begin(context, newSink, false);
  }

  /** Like {@link #start}, but each group gets one row, or the pass fails. */
  public ViewPass startWhole(TaskContext context, Consumer<InternalRow> newSink) {
    return begin(context, newSink, true);
  }

  private ViewPass begin(TaskContext context, Consumer<InternalRow> newSink, boolean whole) {
    task = context;
    sink = newSink;
    isWhole = whole;
    emitted = 0;
    groups = Groups.of(program, task, isWhole);
    return this;
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
   * Counts an event in; it may be used again by the caller afterwards.
   *
   * @param event the columns that the program was compiled over
   */
  public void add(InternalRow event) {
    if (filter != null && !filter.eval(event)) {
      return;
    }
    UnsafeRow group = key.apply(event);
    if (!groups.find(group)) {
      findAnew(group);
    }
    if (!program.updates().isEmpty()) {
      InternalRow buffer = groups.buffer();
      update.target(buffer).apply(bufferAndEvent.apply(buffer, event));
      groups.noteBuffer();
    }
    updateObjects(event);
  }

  private void findAnew(UnsafeRow group) {
    if (isWhole) {
      throw full("lower speed.max-records, or give the process more memory");
    }
    emit();
    groups = Groups.of(program, task, isWhole);
    if (!groups.find(group)) {
      throw full("give the process more memory");
    }
  }

  private static RecountException full(String remedy) {
    return new RecountException(
        ErrorCode.MEMORY_EXHAUSTED, "Cannot hold the groups of a view in memory; " + remedy);
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

  /** Lets go of the memory of an unfinished pass. */
  @Override
  public void close() {
    if (groups != null) {
      groups.close();
    }
  }

  /** A fresh state for each object aggregate. */
  static Object[] fresh(ViewProgram program) {
    List<Object> states = new ArrayList<>();
    program.objects().forEach(o -> states.add(o.function().createAggregationBuffer()));
    return states.toArray();
  }
}
