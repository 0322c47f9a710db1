package dev.recount.core.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A row of a batch run as it is stored. */
public record RunRow(
    String runId,
    String mode,
    String status,
    String origin,
    int attempt,
    String host,
    long processId,
    long startedMs,
    Long finishedMs,
    Long cutMs,
    Long eventsRead,
    Long rowsWritten,
    String viewsJson,
    String step,
    Long stepDone,
    Long stepTotal,
    String stepUnit,
    String secondsJson,
    Double cpuSeconds,
    Long bytesRead,
    Long bytesWritten,
    Long peakMemoryBytes,
    String errorCode,
    String error,
    String cancelReason,
    long ageMs) {

  RunReport report() {
    boolean isRunning = status.equals(BatchRun.RUNNING);
    boolean isDead = isRunning && ageMs > HeldLease.SILENCE.toMillis();
    return new RunReport(
        runId,
        mode,
        isDead ? BatchRun.FAILED : status,
        origin,
        attempt,
        host,
        processId == 0 ? null : processId,
        instant(startedMs),
        instant(finishedMs),
        instant(cutMs),
        eventsRead,
        rowsWritten,
        read(viewsJson, new TypeReference<List<RunView>>() {}, List.of()),
        step,
        stepDone,
        stepTotal,
        stepUnit,
        read(secondsJson, new TypeReference<LinkedHashMap<String, Double>>() {}, Map.of()),
        cpuSeconds,
        bytesRead,
        bytesWritten,
        peakMemoryBytes,
        isDead ? ErrorCode.BATCH_FAILED.name() : errorCode,
        isDead ? silent() : error,
        cancelReason,
        isRunning ? ageMs : null);
  }

  /** Why a run that says nothing any more is taken for dead. */
  String silent() {
    return "its process "
        + processId
        + (host == null ? "" : " on host " + host)
        + " ended before the run did, or was silent for more than "
        + HeldLease.SILENCE.toSeconds()
        + " s";
  }

  private static <T> T read(String json, TypeReference<? extends T> type, T none) {
    try {
      return json == null ? none : Json.MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant instant(Long millis) {
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }
}
