package dev.recount.serving.diff;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.StoredColumn;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A measure that two versions of a view have, and when two values of it are the same: doubles up to
 * the rounding of another order, and sketches up to their error.
 */
record ComparedMeasure(Measure from, Measure to) {
  private static final Set<ColumnType> NUMBERS =
      Set.of(ColumnType.INT, ColumnType.LONG, ColumnType.DOUBLE);

  /** The median, and the percentiles between which another digest of the same values has it. */
  private static final List<Integer> MEDIAN = List.of(50, 48, 52);

  private static final double ROUNDING = 1e-9;

  /** Of differences of large numbers, as in a variance. */
  private static final double FORMULA_ROUNDING = 1e-6;

  /** What two values are to each other. */
  enum Relation {
    EQUAL,
    WITHIN_ERROR,
    DIFFERENT
  }

  /** Whether values of both can be compared. */
  static boolean areComparable(Measure from, Measure to) {
    boolean areDigests = from.kind() == MeasureKind.TDIGEST && to.kind() == MeasureKind.TDIGEST;
    boolean isOneDigest = from.kind() == MeasureKind.TDIGEST || to.kind() == MeasureKind.TDIGEST;
    return areDigests
        || !isOneDigest
            && (from.type() == to.type()
                || NUMBERS.contains(from.type()) && NUMBERS.contains(to.type()));
  }

  String name() {
    return from.name();
  }

  private boolean isDigest() {
    return from.kind() == MeasureKind.TDIGEST;
  }

  /** How it is asked for; the first is the value that is shown. */
  List<String> asked() {
    String measure = "MEASURE(\"" + name() + "\"";
    return isDigest()
        ? MEDIAN.stream().map(percentile -> measure + ", " + percentile + ")").toList()
        : List.of(measure + ")");
  }

  /**
   * Compares two answers.
   *
   * @param a as many values as were asked for
   * @param standardErrors how many standard errors two estimates may be apart
   */
  Relation relation(List<Object> a, List<Object> b, double standardErrors) {
    Object left = a.get(0);
    Object right = b.get(0);
    if (left == null || right == null) {
      return left == right ? Relation.EQUAL : Relation.DIFFERENT;
    }
    if (!(left instanceof Number x) || !(right instanceof Number y)) {
      return left.equals(right) ? Relation.EQUAL : Relation.DIFFERENT;
    }
    if (isSame(x, y)) {
      return Relation.EQUAL;
    }
    return isWithinError(a, b, standardErrors) ? Relation.WITHIN_ERROR : Relation.DIFFERENT;
  }

  private boolean isSame(Number a, Number b) {
    if (isWhole(a) && isWhole(b)) {
      return a.longValue() == b.longValue();
    }
    double x = a.doubleValue();
    double y = b.doubleValue();
    boolean isFormula = from.kind() == MeasureKind.FORMULA || to.kind() == MeasureKind.FORMULA;
    double rounding = isFormula ? FORMULA_ROUNDING : ROUNDING;
    return Double.compare(x + 0.0, y + 0.0) == 0
        || Double.isFinite(x)
            && Double.isFinite(y)
            && Math.abs(x - y) <= rounding * Math.max(Math.abs(x), Math.abs(y));
  }

  private static boolean isWhole(Number value) {
    return value instanceof Long || value instanceof Integer;
  }

  private boolean isWithinError(List<Object> a, List<Object> b, double standardErrors) {
    if (isDigest()) {
      return isAround(a.get(0), b) || isAround(b.get(0), a);
    }
    double x = ((Number) a.get(0)).doubleValue();
    double y = ((Number) b.get(0)).doubleValue();
    double error = Math.hypot(error(from, x), error(to, y));
    return error > 0 && Math.abs(x - y) <= standardErrors * error;
  }

  private static boolean isAround(Object median, List<Object> digest) {
    return median instanceof Number m
        && digest.get(1) instanceof Number low
        && digest.get(2) instanceof Number high
        && low.doubleValue() <= m.doubleValue()
        && m.doubleValue() <= high.doubleValue();
  }

  /** The standard error of a count of distinct values; 0 if it is exact. */
  private static double error(Measure measure, double value) {
    return switch (measure.kind()) {
      // Of no more values than entries a Theta sketch holds them all.
      case THETA ->
          value > StoredColumn.THETA_NOMINAL_ENTRIES
              ? value * measure.kind().relativeStandardError()
              : 0;
      // Of few values a HyperLogLog may miss one by chance.
      case HLL -> Math.max(1, value * measure.kind().relativeStandardError());
      default -> 0;
    };
  }

  /** Whether its values are estimates. */
  boolean isSketch() {
    return Stream.of(from, to)
        .anyMatch(m -> m.kind() == MeasureKind.THETA || m.kind() == MeasureKind.HLL);
  }
}
