package dev.recount.contract.catalog;

/** A schema that records of an event were written with. */
public record WriterSchema(long fingerprint, String event, String schemaJson, long registeredMs) {}
