package dev.recount.planner.pass;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.MutableProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.UnsafeFixedWidthAggregationMap;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.KVIterator;

/** The groups of a pass and their states. Not thread-safe. */
abstract class Groups implements AutoCloseable {
  /** Is given every group. */
  interface Visitor {
    void visit(UnsafeRow group, InternalRow buffer, Object[] objects);
  }

  private static final Object[] NO_OBJECTS = new Object[0];

  /** Packed in Spark's managed memory if all states have a fixed width, else on the heap. */
  static Groups of(ViewProgram program, TaskContext task, HeapBudget.Share share) {
    StructType buffer = type(program.buffer());
    return UnsafeFixedWidthAggregationMap.supportsAggregationBufferSchema(buffer)
        ? new Packed(program, buffer, task, share)
        : onHeap(program, share);
  }

  static Groups onHeap(ViewProgram program, HeapBudget.Share share) {
    return new OnHeap(program, type(program.buffer()), share);
  }

  private static StructType type(List<Attribute> attributes) {
    StructType type = new StructType();
    for (Attribute attribute : attributes) {
      type = type.add(attribute.name(), attribute.dataType(), attribute.nullable());
    }
    return type;
  }

  /** Whether to emit them before another event is counted. */
  abstract boolean isFull();

  /**
   * Makes a group the current one, a new one if there is none with this key.
   *
   * @return false if Spark has no memory for it
   */
  abstract boolean find(UnsafeRow group);

  /** The state of the current group, to be written to. */
  abstract InternalRow buffer();

  /** Takes note that the buffer of the current group was written to. */
  abstract void noteBuffer();

  /** The object states of the current group, to be written to. */
  abstract Object[] objects();

  /** Visits all groups; nothing but {@link #close} may follow. */
  abstract void forEach(Visitor visitor);

  @Override
  public abstract void close();

  /** Keys and states side by side in pages of Spark's managed memory. */
  private static final class Packed extends Groups {
    private static final int INITIAL_CAPACITY = 1 << 12;
    private static final long PAGE_BYTES = 1 << 20;

    private final ViewProgram program;
    private final HeapBudget.Share share;
    private final UnsafeFixedWidthAggregationMap map;
    private final int slot;
    private final int stateBytes;
    private final List<Object[]> objects = new ArrayList<>();
    private UnsafeRow buffer;

    Packed(ViewProgram program, StructType type, TaskContext task, HeapBudget.Share share) {
      this.program = program;
      this.share = share;
      this.slot = type.length() - 1;
      this.stateBytes = program.objectBytes();
      this.map =
          new UnsafeFixedWidthAggregationMap(
              UnsafeProjection.create(Expressions.seq(program.initial()))
                  .apply(InternalRow.empty()),
              type,
              type(program.keyResults()),
              task,
              INITIAL_CAPACITY,
              PAGE_BYTES);
    }

    @Override
    boolean isFull() {
      return !share.hasRoom();
    }

    @Override
    boolean find(UnsafeRow group) {
      buffer = map.getAggregationBufferFromUnsafeRow(group);
      if (buffer == null) {
        return false;
      }
      if (buffer.getInt(slot) == ViewProgram.NO_SLOT) {
        begin(group);
      }
      return true;
    }

    private void begin(UnsafeRow group) {
      buffer.setInt(slot, objects.size());
      share.addManaged(group.getSizeInBytes() + buffer.getSizeInBytes());
      if (!program.objects().isEmpty()) {
        objects.add(program.freshObjects());
        share.add(stateBytes);
      }
    }

    @Override
    InternalRow buffer() {
      return buffer;
    }

    @Override
    void noteBuffer() {
      // Its width is fixed.
    }

    @Override
    Object[] objects() {
      if (program.objects().isEmpty()) {
        return NO_OBJECTS;
      }
      return objects.get(buffer.getInt(slot));
    }

    @Override
    void forEach(Visitor visitor) {
      try {
        KVIterator<UnsafeRow, UnsafeRow> groups = map.iterator();
        while (groups.next()) {
          buffer = groups.getValue();
          visitor.visit(groups.getKey(), buffer, objects());
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      map.free();
      objects.clear();
      share.close();
    }
  }

  /** For states of no fixed width, such as the largest string. */
  private static final class OnHeap extends Groups {
    private static final int MOST_GROUPS = 1_000_000;

    /** What the objects of a group take beside its key, its strings and its sketches. */
    private static final int GROUP_BYTES = 128;

    /** A group, and how long its strings are together. */
    private static final class Group {
      private final InternalRow buffer;
      private final Object[] objects;
      private long bytes;

      Group(InternalRow buffer, Object[] objects) {
        this.buffer = buffer;
        this.objects = objects;
      }
    }

    private final ViewProgram program;
    private final MutableProjection initial;
    private final int[] strings;
    private final int stateBytes;
    private final HeapBudget.Share share;
    private final Map<UnsafeRow, Group> groups = new HashMap<>();
    private Group current;

    OnHeap(ViewProgram program, StructType type, HeapBudget.Share share) {
      this.program = program;
      this.stateBytes = program.objectBytes();
      this.share = share;
      this.strings =
          IntStream.range(0, type.length())
              .filter(i -> type.fields()[i].dataType() instanceof StringType)
              .toArray();
      List<Expression> values = program.initial();
      this.initial =
          MutableProjection.create(Expressions.seq(values), Expressions.seq(List.<Attribute>of()));
    }

    @Override
    boolean isFull() {
      return groups.size() >= MOST_GROUPS || !share.hasRoom();
    }

    @Override
    boolean find(UnsafeRow group) {
      current = groups.get(group);
      if (current == null) {
        GenericInternalRow buffer = new GenericInternalRow(program.buffer().size());
        initial.target(buffer).apply(InternalRow.empty());
        current = new Group(buffer, program.freshObjects());
        groups.put(group.copy(), current);
        share.add(GROUP_BYTES + group.getSizeInBytes() + stateBytes);
      }
      return true;
    }

    @Override
    InternalRow buffer() {
      return current.buffer;
    }

    @Override
    void noteBuffer() {
      long now = 0;
      for (int string : strings) {
        now +=
            current.buffer.isNullAt(string) ? 0 : current.buffer.getUTF8String(string).numBytes();
      }
      if (now != current.bytes) {
        share.add(now - current.bytes);
        current.bytes = now;
      }
    }

    @Override
    Object[] objects() {
      return current.objects;
    }

    @Override
    void forEach(Visitor visitor) {
      groups.forEach((key, group) -> visitor.visit(key, group.buffer, group.objects));
    }

    @Override
    public void close() {
      groups.clear();
      share.close();
    }
  }
}
