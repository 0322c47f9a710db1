package dev.recount.core.view;

/** A column as it is in Pinot and in the lake: a part of a measure. */
public record StoredColumn(String name, ColumnType type, Merge merge) {
  /**
   * Arrival of the rows: the bucket (speed) or the last millisecond before the cut (batch). LONG,
   * ms.
   */
  public static final String ARRIVED = "_arrived";

  /**
   * The micro-batch and the partition of the raw topic that a delta comes from, part of its primary
   * key; -1 in batch rows. LONG.
   */
  public static final String CHUNK = "_chunk";

  /** {@link #CHUNK} of batch rows. */
  public static final long NO_CHUNK = -1;

  /** Nominal entries of every Theta sketch; the relative standard error is 1/sqrt of it. */
  public static final int THETA_NOMINAL_ENTRIES = 4096;

  /** log2 of the registers of every HyperLogLog; the relative standard error is 1.6 %. */
  public static final int HLL_LOG2_REGISTERS = 12;

  /** Compression of every t-digest, Pinot's own default. */
  public static final double TDIGEST_COMPRESSION = 100;

  /**
   * The value that changes nothing when merged, stored where the true one is NULL: 0 for SUM, the
   * largest value for MIN, the smallest for MAX, {@link StoredText#NULL} of strings; any value, 0
   * or "", beside a {@link Rank}.
   */
  public Object neutral() {
    if (type == ColumnType.STRING && (merge == Merge.MIN || merge == Merge.MAX)) {
      return StoredText.NULL;
    }
    return switch (merge) {
      case MIN -> type == ColumnType.DOUBLE ? (Object) Double.POSITIVE_INFINITY : Long.MAX_VALUE;
      case MAX -> type == ColumnType.DOUBLE ? (Object) Double.NEGATIVE_INFINITY : Long.MIN_VALUE;
      case SUM, LAST_WITH_TIME, FIRST_WITH_TIME -> nothing();
      default -> throw new IllegalStateException(name + " of " + merge + " has no neutral value");
    };
  }

  /** Whether most rows have one of a few values. */
  public boolean isRepetitive() {
    return name.endsWith(Found.SUFFIX) || name.endsWith(WideSum.SUFFIX);
  }

  private Object nothing() {
    return switch (type) {
      case STRING -> "";
      case DOUBLE -> 0.0d;
      default -> 0L;
    };
  }
}
