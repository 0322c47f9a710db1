package dev.recount.core.view;

/**
 * What a stored least or largest number was found among, a LONG beside it that is merged by MAX. It
 * distinguishes the number from the neutral one that is stored if there is none, and stands for
 * NaN, which is stored in no other way: NaN is the largest number, so the largest is NaN if there
 * is any, and the least only if there is nothing else.
 */
public final class Found {
  /** What the name of the column ends with. */
  public static final String SUFFIX = "__found";

  private static final long LESS = 1;
  private static final long MORE = 2;

  private Found() {}

  /**
   * What a value is to be noted as; if there is no value, less than any.
   *
   * @param merge of the number: MIN or MAX
   */
  public static long of(Merge merge, boolean isNaN) {
    return isNaN == (merge == Merge.MAX) ? MORE : LESS;
  }

  /** Whether there was any value. */
  public static boolean isAny(long found) {
    return found >= LESS;
  }

  /** Whether the least or largest of the values is NaN. */
  public static boolean isNaN(Merge merge, long found) {
    return found == of(merge, true);
  }
}
