package dev.recount.contract.catalog;

/**
 * How far the speed layer is for an event.
 *
 * @param generation changes when its checkpoint is lost
 * @param chunk the newest micro-batch whose deltas are written
 * @param completeUntilMs every record with arrival before this has become deltas
 */
public record SpeedProgress(
    String event, String generation, long chunk, long completeUntilMs, long reportedMs) {}
