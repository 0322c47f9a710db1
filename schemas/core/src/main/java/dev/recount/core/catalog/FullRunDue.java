package dev.recount.core.catalog;

/**
 * A table's next run must be full.
 *
 * @param token names this demand: a run meets only those that it knew of when it began
 */
public record FullRunDue(String tableName, String reason, String token) {}
