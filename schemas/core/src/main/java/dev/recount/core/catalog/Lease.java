package dev.recount.core.catalog;

/**
 * What one process holds at a time, whatever its host.
 *
 * @param ageMs how long ago the holder last renewed it, by the catalog's clock
 */
public record Lease(String name, String holder, long ageMs) {
  /** Whoever computes views and publishes them. */
  public static final String BATCH_RUN = "batch-run";

  /** Whoever removes what failed runs left behind. */
  public static final String JANITOR = "janitor";
}
