package dev.recount.core.view;

/**
 * Doubles as whole numbers of the same order, which is Spark's: 0.0 and -0.0 are one, all NaN are
 * one and the largest. {@link Long#MIN_VALUE} stands for none of them.
 */
public final class OrderedDouble {
  private OrderedDouble() {}

  /** The whole number of a double. */
  public static long of(double number) {
    return flipped(Double.doubleToLongBits(number == 0 ? 0.0d : number));
  }

  /** The double of a whole number that {@link #of} gave. */
  public static double number(long ordered) {
    return Double.longBitsToDouble(flipped(ordered));
  }

  /**
   * Turns the bits of negative numbers around, whose order is the opposite one; its own inverse.
   */
  private static long flipped(long bits) {
    return bits < 0 ? bits ^ Long.MAX_VALUE : bits;
  }
}
