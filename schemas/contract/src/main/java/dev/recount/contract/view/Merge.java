package dev.recount.contract.view;

/** How two stored values of a column become one. */
public enum Merge {
  SUM,
  MIN,
  MAX,
  /** Union of DataSketches Theta sketches. */
  THETA_UNION,
  /** Union of HyperLogLogs: the larger of each two registers. */
  HLL_UNION,
  /** One t-digest of the centroids of both. */
  TDIGEST_MERGE
}
