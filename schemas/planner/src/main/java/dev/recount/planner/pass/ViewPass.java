package dev.recount.planner.pass;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
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
  /** Is given rows and the number of the part that each is in, from 0 on. */
  @FunctionalInterface
  public interface Parts {
    /** The row is valid only until it returns. */
    void accept(InternalRow row, int part);
  }

  /** Keys and states of a part, about. Never to be changed: the keys of deltas depend on it. */
  static final long PART_BYTES = 16L << 20;

  /** What all passes of this process together keep on the heap. */
  private static final class Shared {
    static final HeapBudget BUDGET = HeapBudget.shared(Runtime.getRuntime().maxMemory() / 4);
  }

  private final ViewProgram program;
  private final BasePredicate filter;
  private final UnsafeProjection key;
  private final MutableProjection update;
  private final UnsafeProjection result;
  private final List<BasePredicate> objectFilters;
  private final JoinedRow bufferAndEvent = new JoinedRow();
  private TaskContext task;
  private Parts sink;
  private HeapBudget shared;
  private Groups groups;
  private int part;
  private long emitted;

  public ViewPass(ViewProgram program) {
    this.program = program;
    this.filter = predicate(program.filters());
    this.key =
        UnsafeProjection.create(Expressions.seq(program.keys()), Expressions.seq(program.input()));
    this.update =
        MutableProjection.create(
            Expressions.seq(program.updates()),
            attributes(List.of(program.buffer(), program.input())));
    this.result =
        UnsafeProjection.create(
            Expressions.seq(program.results()),
            attributes(List.of(program.keyResults(), program.buffer(), program.objectResults())));
    this.objectFilters = new ArrayList<>();
    program
        .objects()
        .forEach(
            o -> objectFilters.add(o.filter() == null ? null : predicate(List.of(o.filter()))));
  }

  /**
   * Begins a pass. A group may get several rows: if memory is short, all rows so far are emitted.
   *
   * @param newSink is given each row; a row is valid only until it returns
   */
  public ViewPass start(TaskContext context, Consumer<InternalRow> newSink) {
    return begin(context, (row, number) -> newSink.accept(row), Shared.BUDGET);
  }

  /**
   * Like {@link #start}, but only the events decide when rows are emitted before the end: the same
   * events in the same order give the same rows with the same numbers of their parts, in whatever
   * process. In a part, a group has one row.
   */
  public ViewPass startParts(TaskContext context, Parts newSink) {
    return begin(context, newSink, null);
  }

  private ViewPass begin(TaskContext context, Parts newSink, HeapBudget sharedBudget) {
    task = context;
    sink = newSink;
    shared = sharedBudget;
    emitted = 0;
    part = 0;
    groups = newGroups();
    return this;
  }

  private Groups newGroups() {
    HeapBudget budget = shared == null ? HeapBudget.own(PART_BYTES) : shared;
    return Groups.of(program, task, budget.open());
  }

  /** Null if there is no condition. */
  private BasePredicate predicate(List<Expression> conditions) {
    return conditions.stream()
        .reduce(And::new)
        .map(all -> Predicate.create(all, Expressions.seq(program.input())))
        .orElse(null);
  }

  private static Seq<Attribute> attributes(List<List<Attribute>> lists) {
    return Expressions.seq(lists.stream().flatMap(List::stream).toList());
  }

  /**
   * Counts an event in; it may be used again by the caller afterwards.
   *
   * @param event the columns that the program was compiled over
   */
  public void add(InternalRow event) {
    beginEvent();
    addRow(event);
  }

  /**
   * Keeps the rows that follow by {@link #addRow} in one part. The rows that one event joins to
   * have no repeatable order, and so must not be divided.
   */
  public void beginEvent() {
    if (groups.isFull()) {
      nextPart();
    }
  }

  /** Counts one of an event's rows in; like {@link #add} otherwise. */
  public void addRow(InternalRow event) {
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
    // Parts must not depend on how much memory Spark has.
    if (shared != null) {
      nextPart();
    }
    if (shared == null || !groups.find(group)) {
      throw full("give the process more memory");
    }
  }

  private void nextPart() {
    emit();
    part++;
    groups = newGroups();
  }

  private static RecountException full(String remedy) {
    return RecountException.of(
        ErrorCode.MEMORY_EXHAUSTED, "Cannot hold the groups of a view in memory; %s", remedy);
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
          sink.accept(result.apply(all.apply(group, state.apply(buffer, objects))), part);
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
}
