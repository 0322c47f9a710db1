package dev.recount.core.view;

/**
 * The rank of a stored value of MAX_BY(x, t) or MIN_BY(x, t): a LONG that orders values as their t
 * does, and values of the same t by a hash of x, so that the value that wins is the same in
 * whatever order rows are merged. Its lowest bit says whether x is a value (1) or NULL (0).
 */
public final class Rank {
  /** What the name of the rank's column ends with. */
  public static final String SUFFIX = "__rank";

  private static final long IS_VALUE = 1;

  private Rank() {}

  /** Whether x of this rank is NULL. */
  public static boolean isNull(long rank) {
    return (rank & IS_VALUE) == 0;
  }

  /**
   * The rank of a row with a t that has no place in a rank; it wins over all others, and x is then
   * not known.
   *
   * @param merge of ranks: MAX or MIN
   */
  public static long beyond(Merge merge) {
    return merge == Merge.MAX ? Long.MAX_VALUE : Long.MIN_VALUE;
  }
}
