package dev.recount.core.catalog;

import java.time.Instant;

/**
 * A run of a view version whose answers are kept, for people and programs.
 *
 * @param published when readers saw it first
 * @param cut it covers what arrived before this
 * @param bytes of its rows on the lake
 * @param serving whether readers see it, or a roll-back to it
 * @param rolledBackBy the roll-back that serves it again; null if it is not served, or by itself
 * @param canRollBack whether it can be served again
 * @param reason why it cannot; null if it can
 */
public record KeptRun(
    String run,
    String view,
    int version,
    String mode,
    Instant published,
    Instant cut,
    long rows,
    int segments,
    long bytes,
    boolean serving,
    String rolledBackBy,
    boolean canRollBack,
    String reason) {}
