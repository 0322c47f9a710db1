package dev.recount.planner;

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

  /** Sketches, strings and their keys lie on the heap, which nobody else counts. */
  private static final long MOST_HEAP_BYTES = Runtime.getRuntime().maxMemory() / 8;

  /** Packed in Spark's managed memory where all states have a fixed width, else on the heap. */
  static Groups of(ViewProgram program, TaskContext task, boolean isWhole) {
    StructType buffer = type(program.buffer());
    return UnsafeFixedWidthAggregationMap.supportsAggregationBufferSchema(buffer)
        ? new Packed(program, buffer, task, isWhole)
        : onHeap(program, isWhole ? Long.MAX_VALUE : MOST_HEAP_BYTES);
  }

  /** On the heap, with no room for another group beyond this many bytes of keys and states. */
  static Groups onHeap(ViewProgram program, long mostBytes) {
    return new OnHeap(program, type(program.buffer()), mostBytes);
  }

  private static int stateBytes(ViewProgram program) {
    return program.objects().stream().mapToInt(ViewProgram.ObjectAggregate::stateBytes).sum();
  }

  private static StructType type(List<Attribute> attributes) {
    StructType type = new StructType();
    for (Attribute attribute : attributes) {
      type = type.add(attribute.name(), attribute.dataType(), attribute.nullable());
    }
    return type;
  }

  /**
   * Makes a group the current one, a new one where there is none of this key.
   *
   * @return false where there is no memory for it
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
    private final UnsafeFixedWidthAggregationMap map;
    private final int slot;
    private final long mostObjects;
    private final List<Object[]> objects = new ArrayList<>();
    private UnsafeRow buffer;

    Packed(ViewProgram program, StructType type, TaskContext task, boolean isWhole) {
      this.program = program;
      this.slot = type.length() - 1;
      int bytes = stateBytes(program);
      this.mostObjects =
          isWhole || bytes == 0 ? Long.MAX_VALUE : Math.max(1, MOST_HEAP_BYTES / bytes);
      this.map =
          new UnsafeFixedWidthAggregationMap(
              UnsafeProjection.create(ViewProgram.seq(program.initial()))
                  .apply(InternalRow.empty()),
              type,
              type(program.keyResults()),
              task,
              INITIAL_CAPACITY,
              PAGE_BYTES);
    }

    @Override
    boolean find(UnsafeRow group) {
      if (objects.size() >= mostObjects) {
        return false;
      }
      buffer = map.getAggregationBufferFromUnsafeRow(group);
      return buffer != null;
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
      int at = buffer.getInt(slot);
      if (at == ViewProgram.NO_SLOT) {
        at = objects.size();
        buffer.setInt(slot, at);
        objects.add(ViewPass.fresh(program));
      }
      return objects.get(at);
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
    }
  }

  /** For states of no fixed width, such as the largest string. */
  private static final class OnHeap extends Groups {
    private static final int MOST_GROUPS = 1_000_000;

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
    private final long mostBytes;
    private final Map<UnsafeRow, Group> groups = new HashMap<>();
    private Group current;
    private long bytes;

    /**
     * @param mostBytes of keys, strings and sketches, beyond which there is no memory for another
     *     group
     */
    OnHeap(ViewProgram program, StructType type, long mostBytes) {
      this.program = program;
      this.stateBytes = stateBytes(program);
      this.mostBytes = mostBytes;
      this.strings =
          IntStream.range(0, type.length())
              .filter(i -> type.fields()[i].dataType() instanceof StringType)
              .toArray();
      List<Expression> values = program.initial();
      this.initial =
          MutableProjection.create(ViewProgram.seq(values), ViewProgram.seq(List.<Attribute>of()));
    }

    @Override
    boolean find(UnsafeRow group) {
      current = groups.get(group);
      if (current == null) {
        if (groups.size() >= MOST_GROUPS || bytes > mostBytes) {
          return false;
        }
        GenericInternalRow buffer = new GenericInternalRow(program.buffer().size());
        initial.target(buffer).apply(InternalRow.empty());
        current = new Group(buffer, ViewPass.fresh(program));
        groups.put(group.copy(), current);
        bytes += group.getSizeInBytes() + stateBytes;
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
      bytes += now - current.bytes;
      current.bytes = now;
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
    }
  }
}
