package dev.recount.core.catalog;

/**
 * What a run says of itself, all of it again each second and once at its end; as it is stored.
 *
 * @param status one of {@link BatchRun}
 * @param cutMs the cut; null until it is chosen
 * @param positions JSON: for each event, for each partition, the position where the archive ended
 */
public record RunBeat(
    String runId,
    String status,
    Long finishedMs,
    Long cutMs,
    Long eventsRead,
    String positions,
    Long rowsWritten,
    String viewsJson,
    String step,
    Long stepDone,
    Long stepTotal,
    String stepUnit,
    Double stepSeconds,
    String secondsJson,
    Double cpuSeconds,
    Long bytesRead,
    Long bytesWritten,
    Long peakMemoryBytes,
    String errorCode,
    String error) {}
