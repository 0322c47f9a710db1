package dev.recount.batch.recompute;

import java.io.Serializable;

/** A finished segment: its name, its archive file on the lake, and its size. */
record BuiltSegment(String name, String path, long rows, long bytes) implements Serializable {}
