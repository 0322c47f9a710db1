package dev.recount.contract.view;

/** How two stored values of a column become one. */
public enum Merge {
  SUM,
  MIN,
  MAX,
  /** Union of DataSketches Theta sketches. */
  THETA_UNION
}
