package dev.recount.serving.answer;

/** What stands in an answer for a time of a series of which nothing has come. */
public enum Fill {
  /** 0 for counts and sums, NULL for all else. */
  ZERO,
  /** NULL. */
  NULL
}
