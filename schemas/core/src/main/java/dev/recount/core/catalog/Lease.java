package dev.recount.core.catalog;

/**
 * What one process holds at a time, whatever its host.
 *
 * @param ageMs how long ago the holder last renewed it, by the catalog's clock
 */
public record Lease(String name, String holder, long ageMs) {
  /** Whoever computes views and publishes them. */
  public static final String BATCH_RUN = "batch-run";

  /** How the name of the lease begins of who replaces a range of a table. */
  private static final String BACKFILL = "backfill/";

  /** Whoever removes what failed runs left behind. */
  public static final String JANITOR = "janitor";

  /** Whoever changes which events, views and versions there are. */
  public static final String SCHEMAS = "schemas";

  /** The lease of who replaces a range of a table. */
  public static String backfill(String table) {
    return BACKFILL + table;
  }
}
