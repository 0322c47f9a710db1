package dev.recount.core.catalog;

/**
 * How far the deltas of a view version have been audited, and dropped from Pinot.
 *
 * @param auditedUntilMs those of arrivals before this have been compared with a recount, or could
 *     not be; 0: none
 * @param droppedUntilMs those of arrivals before this may be gone; 0: none
 */
public record DeltaProgress(String tableName, long auditedUntilMs, long droppedUntilMs) {}
