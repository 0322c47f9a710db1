package dev.recount.core.view;

import java.math.BigInteger;

/**
 * A sum of whole numbers that may be beyond a LONG, in two LONGs that can each be added up: the sum
 * is {@code <name>} and 2^63 times {@code <name>__carry}. The carry is 0 if the sum itself fits a
 * LONG; otherwise the first part is negative, so there is a carry only if some row has a negative
 * part.
 */
public final class WideSum {
  /** What the name of the carry's column ends with. */
  public static final String SUFFIX = "__carry";

  private static final int UNIT_BITS = 63;

  private WideSum() {}

  /** The sum of added parts. */
  public static BigInteger of(BigInteger part, BigInteger carry) {
    return part.add(carry.shiftLeft(UNIT_BITS));
  }
}
