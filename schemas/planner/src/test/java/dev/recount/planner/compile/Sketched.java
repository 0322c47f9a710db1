package dev.recount.planner.compile;

import com.clearspring.analytics.stream.cardinality.CardinalityMergeException;
import com.clearspring.analytics.stream.cardinality.HyperLogLog;
import com.tdunning.math.stats.MergingDigest;
import com.tdunning.math.stats.TDigest;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Merges and reads the bytes of sketches by their libraries, as Pinot does. */
final class Sketched {
  private Sketched() {}

  static byte[] hll(byte[] a, byte[] b) {
    try {
      HyperLogLog union = HyperLogLog.Builder.build(a);
      union.addAll(HyperLogLog.Builder.build(b));
      return union.getBytes();
    } catch (IOException | CardinalityMergeException e) {
      throw new IllegalStateException(e);
    }
  }

  static long count(byte[] hll) {
    try {
      return HyperLogLog.Builder.build(hll).cardinality();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] digest(byte[] a, byte[] b) {
    TDigest digest = MergingDigest.fromBytes(ByteBuffer.wrap(a));
    digest.add(MergingDigest.fromBytes(ByteBuffer.wrap(b)));
    byte[] bytes = new byte[digest.byteSize()];
    digest.asBytes(ByteBuffer.wrap(bytes));
    return bytes;
  }

  static double quantile(byte[] digest, double quantile) {
    return MergingDigest.fromBytes(ByteBuffer.wrap(digest)).quantile(quantile);
  }

  /** How many values went into it. */
  static long size(byte[] digest) {
    return MergingDigest.fromBytes(ByteBuffer.wrap(digest)).size();
  }
}
