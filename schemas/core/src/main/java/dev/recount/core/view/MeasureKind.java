package dev.recount.core.view;

/**
 * What a measure computes. The parts that are stored for it, in this order:
 *
 * <ul>
 *   <li>COUNT: {@code <name>} (sum)
 *   <li>SUM: {@code <name>} (sum), {@code <name>__count} (number of values: 0 means NULL); of whole
 *       numbers also {@code <name>__carry}, see {@link WideSum}
 *   <li>AVERAGE: {@code <name>__sum}, {@code <name>__count}; of whole numbers also {@code
 *       <name>__carry}
 *   <li>MIN, MAX: {@code <name>}, {@link StoredColumn#neutral} if all values were NULL; of numbers,
 *       which may have the neutral value itself, also {@code <name>__found}, see {@link Found}
 *   <li>MAX_BY, MIN_BY: {@code <name>}, the value, {@link StoredColumn#neutral} if it was NULL;
 *       {@code <name>__rank}, see {@link Rank}
 *   <li>THETA: {@code <name>}, a compact Theta sketch of 4096 nominal entries
 *   <li>HLL: {@code <name>}, a HyperLogLog of stream-lib with 4096 registers
 *   <li>TDIGEST: {@code <name>}, a merging t-digest of compression 100
 *   <li>FORMULA: the parts of its inputs
 * </ul>
 */
public enum MeasureKind {
  COUNT(MeasureClass.EXACT),
  SUM(MeasureClass.EXACT),
  MIN(MeasureClass.EXACT),
  MAX(MeasureClass.EXACT),
  MAX_BY(MeasureClass.EXACT),
  MIN_BY(MeasureClass.EXACT),
  AVERAGE(MeasureClass.EXACT_BY_PARTS),
  THETA(MeasureClass.SKETCH),
  HLL(MeasureClass.SKETCH),
  TDIGEST(MeasureClass.SKETCH),
  FORMULA(MeasureClass.EXACT_BY_PARTS);

  private final MeasureClass measureClass;

  MeasureKind(MeasureClass measureClass) {
    this.measureClass = measureClass;
  }

  public MeasureClass measureClass() {
    return measureClass;
  }

  /** Of a count of distinct values; null if it is exact, or if its error is unknown. */
  public Double relativeStandardError() {
    return switch (this) {
      case THETA -> 1 / Math.sqrt(StoredColumn.THETA_NOMINAL_ENTRIES);
      case HLL -> 1.04 / Math.sqrt(1 << StoredColumn.HLL_LOG2_REGISTERS);
      default -> null;
    };
  }
}
