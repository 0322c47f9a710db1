package dev.recount.planner.row;

/**
 * A record of an event, in memory.
 *
 * @param value as it is in the event's topic
 */
public record RawRecord(String event, byte[] value) {}
