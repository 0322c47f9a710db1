package dev.recount.batch.segment;

import java.io.Serializable;

/** A finished segment: its name, its archive file on the lake, and its size. */
public record BuiltSegment(String name, String path, long rows, long bytes)
    implements Serializable {}
