package dev.recount.planner.sketch;

import dev.recount.core.view.StoredColumn;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.datasketches.hash.MurmurHash3;
import org.apache.datasketches.memory.Memory;
import org.apache.datasketches.theta.SetOperation;
import org.apache.datasketches.theta.Sketches;
import org.apache.datasketches.theta.Union;
import org.apache.datasketches.thetacommon.ThetaUtil;

/**
 * A Theta sketch that is cheap while it is small: most groups of a view hold a handful of values,
 * kept here as their sorted hashes; past {@link #SMALL} of them the library's union takes over.
 *
 * <p>A small one is written by hand, in the library's own format, to the byte (serial version 3,
 * compact and ordered).
 */
final class ThetaBuffer {
  private static final int SMALL = 64;
  private static final long SEED = ThetaUtil.DEFAULT_UPDATE_SEED;
  private static final short SEED_HASH = ThetaUtil.computeSeedHash(SEED);
  private static final byte SERIAL_VERSION = 3;
  private static final byte COMPACT_FAMILY = 3;
  private static final byte READ_ONLY = 2;
  private static final byte EMPTY = 4;
  private static final byte COMPACT = 8;
  private static final byte ORDERED = 16;
  private static final byte SINGLE = 32;
  private static final int FLAGS_AT = 5;
  private static final int COUNT_AT = 8;

  /** Stands for the empty text; no text has these bytes in UTF-8. */
  private static final byte[] NO_TEXT = {(byte) 0xFF};

  private long[] hashes = new long[2];
  private int count;
  private Union union;

  /** The library leaves out the empty text; it is a value, and counts as one. */
  void update(byte[] value) {
    add(MurmurHash3.hash(value.length > 0 ? value : NO_TEXT, SEED)[0] >>> 1);
  }

  void update(long value) {
    add(MurmurHash3.hash(new long[] {value}, SEED)[0] >>> 1);
  }

  /** As the library does: one zero, one NaN. */
  void update(double value) {
    update(Double.doubleToLongBits(value == 0.0 ? 0.0 : value));
  }

  private void add(long hash) {
    if (hash == 0 || hash == Long.MAX_VALUE) {
      return;
    }
    if (union == null && count < SMALL) {
      insert(hash);
    } else {
      grown().union(Sketches.wrapSketch(Memory.wrap(write(new long[] {hash}, 1))));
    }
  }

  private void insert(long hash) {
    int at = Arrays.binarySearch(hashes, 0, count, hash);
    if (at >= 0) {
      return;
    }
    if (count == hashes.length) {
      hashes = Arrays.copyOf(hashes, Math.min(SMALL, count * 2));
    }
    int position = -at - 1;
    System.arraycopy(hashes, position, hashes, position + 1, count - position);
    hashes[position] = hash;
    count++;
  }

  private Union grown() {
    if (union == null) {
      union =
          SetOperation.builder().setNominalEntries(StoredColumn.THETA_NOMINAL_ENTRIES).buildUnion();
      union.union(Sketches.wrapSketch(Memory.wrap(toBytes(hashes, count))));
      hashes = null;
    }
    return union;
  }

  void merge(ThetaBuffer other) {
    if (other.union == null) {
      for (int i = 0; i < other.count; i++) {
        add(other.hashes[i]);
      }
    } else {
      grown().union(other.union.getResult());
    }
  }

  /** The compact sketch, ordered. */
  byte[] toBytes() {
    return union == null ? toBytes(hashes, count) : union.getResult(true, null).toByteArray();
  }

  private static byte[] toBytes(long[] sorted, int count) {
    return write(sorted, count);
  }

  private static byte[] write(long[] sorted, int count) {
    int preambleLongs = count < 2 ? 1 : 2;
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES * (preambleLongs + count)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) preambleLongs).put(SERIAL_VERSION).put(COMPACT_FAMILY);
    bytes.put(FLAGS_AT, (byte) (READ_ONLY | COMPACT | ORDERED | special(count)));
    bytes.putShort(FLAGS_AT + 1, count == 0 ? 0 : SEED_HASH);
    if (count > 1) {
      bytes.putInt(COUNT_AT, count).putFloat(COUNT_AT + Integer.BYTES, 1.0f);
    }
    bytes.position(Long.BYTES * preambleLongs);
    bytes.asLongBuffer().put(sorted, 0, count);
    return bytes.array();
  }

  private static int special(int count) {
    return count == 0 ? EMPTY : count == 1 ? SINGLE : 0;
  }

  /** Reads what {@link #toBytes()} wrote. */
  static ThetaBuffer ofBytes(byte[] bytes) {
    ThetaBuffer buffer = new ThetaBuffer();
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int preambleLongs = bytes[0];
    int hashCount = bytes.length / Long.BYTES - preambleLongs;
    if (preambleLongs > 2 || hashCount > SMALL) {
      buffer.grown().union(Sketches.wrapSketch(Memory.wrap(bytes)));
      return buffer;
    }
    buffer.hashes = new long[Math.max(2, hashCount)];
    buffer.count = hashCount;
    in.position(Long.BYTES * preambleLongs);
    in.asLongBuffer().get(buffer.hashes, 0, hashCount);
    return buffer;
  }
}
