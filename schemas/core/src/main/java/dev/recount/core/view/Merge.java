package dev.recount.core.view;

/** How two stored values of a column become one. */
public enum Merge {
  SUM,
  MIN,
  MAX,
  /** The value of the row with the largest {@link Rank}. */
  LAST_WITH_TIME,
  /** The value of the row with the smallest {@link Rank}. */
  FIRST_WITH_TIME,
  /** Union of DataSketches Theta sketches. */
  THETA_UNION,
  /** Union of HyperLogLogs: the larger of each two registers. */
  HLL_UNION,
  /** One t-digest of the centroids of both. */
  TDIGEST_MERGE
}
