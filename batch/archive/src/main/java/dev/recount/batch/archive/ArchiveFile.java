package dev.recount.batch.archive;

import java.io.Serializable;

/**
 * A committed file of the archive: all records of one partition from {@code firstPosition}
 * inclusive to {@code nextPosition} exclusive.
 *
 * @param path with its scheme, such as {@code file:/...} or {@code hdfs://...}
 * @param schema of its rows, Avro as JSON: the event's at that time, and the archive's own columns
 * @param records rows in the file
 * @param rejected records inside the range that could not be decoded and are not in the file
 * @param minArrivalMs smallest arrival inside the range, rejected records included, milliseconds
 * @param maxArrivalMs largest arrival inside the range, milliseconds
 */
public record ArchiveFile(
    String path,
    int partition,
    String schema,
    long firstPosition,
    long nextPosition,
    long records,
    long rejected,
    long minArrivalMs,
    long maxArrivalMs,
    long sizeBytes)
    implements Serializable {}
