package dev.recount.core.catalog;

/**
 * A schema that records of an event were written with.
 *
 * @param registeredMs records that arrived before are undecodable, milliseconds; 0 for the event's
 *     first schema
 */
public record WriterSchema(long fingerprint, String event, String schemaJson, long registeredMs) {}
