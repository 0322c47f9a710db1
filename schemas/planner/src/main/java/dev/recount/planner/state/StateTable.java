package dev.recount.planner.state;

import dev.recount.core.view.ViewJoin;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.planner.pass.Expressions;
import dev.recount.planner.pass.HeapBudget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;

/**
 * The states of all keys of an event, in memory: who asks with what a view's join matches is given
 * the records that were the latest of their keys before a moment. Records may come in any order of
 * their arrival, each at most once. Versions of a key that are no longer asked for are dropped. Any
 * number of threads may ask at once, and none while another adds.
 */
public final class StateTable implements AutoCloseable {
  /**
   * What the objects of a key, of what matches it, and of a record take beside their bytes:
   * measured with a 64-bit JVM.
   */
  private static final int KEY_OVERHEAD_BYTES = 120;

  private static final int MATCH_OVERHEAD_BYTES = 128;

  private static final int VERSION_OVERHEAD_BYTES = 64;

  /** More for each record of a key after its first. */
  private static final int LATER_OVERHEAD_BYTES = 40;

  private record Bytes(byte[] bytes) {
    /** Of a row that is used again. */
    static Bytes copyOf(UnsafeRow row) {
      return new Bytes(row.copy().getBytes());
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }

  /** A record of a key. */
  private record Version(long arrivalMs, int partition, long offset, byte[] row) {
    static final Comparator<Version> ORDER =
        Comparator.comparingLong(Version::arrivalMs)
            .thenComparingInt(Version::partition)
            .thenComparingLong(Version::offset);

    /** Before every record that arrived at a moment. */
    static Version bound(long arrivalMs) {
      return new Version(arrivalMs, Integer.MIN_VALUE, Long.MIN_VALUE, null);
    }
  }

  private final int columns;
  private final UnsafeProjection key;
  private final UnsafeProjection match;
  private final UnsafeProjection kept;
  private final HeapBudget.Share memory;
  private final Map<Bytes, History<Version>> keys = new HashMap<>();
  private final Map<Bytes, List<History<Version>>> matches = new HashMap<>();
  private long keepFromMs;
  private long versions;
  private long bytes;
  private volatile long refusedMs = Long.MAX_VALUE;

  /**
   * @param join how views look its records up
   * @param state the type of its records
   * @param read columns of joined rows ({@link ViewProgram#columns}): of the state, the others are
   *     not kept and are NULL in what it gives
   * @param memory what it and others of its event may take together, about
   */
  public StateTable(ViewJoin join, StructType state, Set<String> read, HeapBudget.Share memory) {
    this.columns = state.length();
    this.memory = memory;
    this.key = projection(join.key().stream().map(k -> column(state, k)));
    this.match = projection(join.on().stream().map(m -> column(state, m.field())));
    this.kept =
        projection(
            Arrays.stream(state.fields())
                .map(
                    f ->
                        read.contains(JoinedRows.column(join.state(), f.name()))
                            ? column(state, f.name())
                            : Literal.create(null, f.dataType())));
  }

  private static Expression column(StructType state, String name) {
    int index = state.fieldIndex(name);
    return new BoundReference(
        index, state.fields()[index].dataType(), state.fields()[index].nullable());
  }

  private static UnsafeProjection projection(Stream<Expression> expressions) {
    return UnsafeProjection.create(Expressions.seq(expressions.toList()));
  }

  /**
   * Says that no moment before this one will be asked for.
   *
   * @param arrivalMs an earlier one than before changes nothing
   */
  public void keepFrom(long arrivalMs) {
    keepFromMs = Math.max(keepFromMs, arrivalMs);
  }

  /**
   * Adds a record.
   *
   * @param row its columns; it may be used again
   * @throws RecountException MEMORY_EXHAUSTED
   */
  public void add(InternalRow row, long arrivalMs, int partition, long offset) {
    History<Version> history =
        keys.computeIfAbsent(Bytes.copyOf(key.apply(row)), k -> newHistory(k, match.apply(row)));
    byte[] bytesOfRow = kept.apply(row).copy().getBytes();
    history.add(new Version(arrivalMs, partition, offset, bytesOfRow));
    versions++;
    count(VERSION_OVERHEAD_BYTES + bytesOfRow.length);
    if (history.hasSeveral()) {
      count(LATER_OVERHEAD_BYTES);
      history.forgetBefore(Version.bound(keepFromMs), this::dropped);
    }
    requireRoom();
  }

  private void dropped(Version version) {
    versions--;
    count(-(VERSION_OVERHEAD_BYTES + LATER_OVERHEAD_BYTES + version.row().length));
  }

  private void count(long more) {
    bytes += more;
    memory.add(more);
  }

  private History<Version> newHistory(Bytes keyBytes, UnsafeRow matched) {
    History<Version> history = new History<>(Version.ORDER);
    matches.computeIfAbsent(Bytes.copyOf(matched), this::newMatch).add(history);
    count(KEY_OVERHEAD_BYTES + keyBytes.bytes().length);
    return history;
  }

  private List<History<Version>> newMatch(Bytes matched) {
    count(MATCH_OVERHEAD_BYTES + matched.bytes().length);
    return new ArrayList<>(1);
  }

  private void requireRoom() {
    if (!memory.hasRoom()) {
      throw RecountException.of(
          ErrorCode.MEMORY_EXHAUSTED,
          "Cannot hold the states that views join in memory: %s keys with %s records "
              + "take about %s bytes, all states together take %s, but at most %s are allowed; "
              + "give the process more memory, or join an event with fewer keys",
          keys.size(),
          versions,
          bytes,
          memory.whole().usedBytes(),
          memory.whole().mostBytes());
    }
  }

  /**
   * Gives each matching key's latest record that arrived before a moment.
   *
   * @param matching what the fields of the key that the join matches must be
   * @param row is used for each record in turn; has as many columns as a record
   * @throws RecountException INTERNAL if records that belong to the answer are dropped; see {@link
   *     #refusedMs}
   */
  public void forEachBefore(
      UnsafeRow matching, long arrivalMs, UnsafeRow row, Consumer<UnsafeRow> visitor) {
    if (arrivalMs < keepFromMs) {
      throw refuse(arrivalMs);
    }
    Version bound = Version.bound(arrivalMs);
    for (History<Version> history :
        matches.getOrDefault(new Bytes(matching.getBytes()), List.of())) {
      Version version = history.before(bound);
      if (version != null) {
        row.pointTo(version.row(), version.row().length);
        visitor.accept(row);
      }
    }
  }

  private synchronized RecountException refuse(long arrivalMs) {
    refusedMs = Math.min(refusedMs, arrivalMs);
    return RecountException.of(
        ErrorCode.INTERNAL,
        "Cannot say what the states were at arrival %s: they are kept only from %s on; "
            + "they are read again",
        arrivalMs,
        keepFromMs);
  }

  /** The earliest moment that was asked for in vain; {@code Long.MAX_VALUE} if none was. */
  public long refusedMs() {
    return refusedMs;
  }

  /** A row to be used with {@link #forEachBefore}. */
  public UnsafeRow newRow() {
    return new UnsafeRow(columns);
  }

  /** How many keys have a state. */
  public long keys() {
    return keys.size();
  }

  /** About how much memory it takes. */
  public long bytes() {
    return bytes;
  }

  /** Lets go of its memory; it must not be used any more. */
  @Override
  public void close() {
    keys.clear();
    matches.clear();
    count(-bytes);
  }
}
