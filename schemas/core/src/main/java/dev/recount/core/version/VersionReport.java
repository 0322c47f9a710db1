package dev.recount.core.version;

import java.time.Instant;

/**
 * A version of a view, and how far it is.
 *
 * @param state {@link #ACTIVE}, {@link #KEPT}, {@link #MAKING} or {@link #DROPPING}
 * @param applied when {@code recount apply} made it
 * @param speedSince speed holds every record with arrival at or after this, 1970-01-01: since the
 *     log began; null if it has not begun, or was set aside
 * @param batchUntil batch covers what arrived before this; null, as the run and its rows, before
 *     the first one
 * @param promotable whether readers can be led to it: batch and speed together hold all history
 * @param reason why not yet, and what makes it so; null if it is
 * @param promotableAfterMs how long after {@code applied} it became so for the first time; null if
 *     it never did
 */
public record VersionReport(
    String view,
    int version,
    String state,
    String event,
    String table,
    Instant applied,
    Instant speedSince,
    Instant batchUntil,
    String batchRun,
    Long batchRows,
    boolean promotable,
    String reason,
    Long promotableAfterMs,
    String sql) {
  /** Readers see it. */
  public static final String ACTIVE = "active";

  /** It is computed as the active one is, and can be asked by its name. */
  public static final String KEPT = "kept";

  /** An apply makes its tables, or was ended before it had. */
  public static final String MAKING = "being made";

  /** A drop removes its tables, or was ended before it had. */
  public static final String DROPPING = "being dropped";
}
