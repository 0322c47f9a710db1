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
import org.jdbi.v3.core.mapper.Nested;

/**
 * A row of a batch run as it is stored.
 *
 * @param said what the run last said of itself
 * @param ageMs how long ago that was
 */
public record RunRow(
    String mode,
    String origin,
    int attempt,
    String host,
    long processId,
    long startedMs,
    String cancelReason,
    long ageMs,
    @Nested RunBeat said) {
  String runId() {
    return said.runId();
  }

  RunReport report() {
    boolean isRunning = said.status().equals(BatchRun.RUNNING);
    boolean isDead = isRunning && ageMs > HeldLease.SILENCE.toMillis();
    return new RunReport(
        said.runId(),
        mode,
        isDead ? BatchRun.FAILED : said.status(),
        origin,
        attempt,
        host,
        processId == 0 ? null : processId,
        instant(startedMs),
        instant(said.finishedMs()),
        instant(said.cutMs()),
        said.eventsRead(),
        said.rowsWritten(),
        read(said.viewsJson(), new TypeReference<List<RunView>>() {}, List.of()),
        said.step(),
        said.stepDone(),
        said.stepTotal(),
        said.stepUnit(),
        rate(),
        secondsLeft(),
        read(said.secondsJson(), new TypeReference<LinkedHashMap<String, Double>>() {}, Map.of()),
        said.cpuSeconds(),
        said.bytesRead(),
        said.bytesWritten(),
        said.peakMemoryBytes(),
        isDead ? ErrorCode.BATCH_FAILED.name() : said.errorCode(),
        isDead ? silent() : said.error(),
        cancelReason,
        isRunning ? ageMs : null);
  }

  /** Null before anything of the step is done. */
  private Double rate() {
    return said.stepDone() == null
            || said.stepSeconds() == null
            || said.stepDone() == 0
            || said.stepSeconds() == 0
        ? null
        : said.stepDone() / said.stepSeconds();
  }

  private Double secondsLeft() {
    return rate() == null || said.stepTotal() == null
        ? null
        : Math.max(0, said.stepTotal() - said.stepDone()) / rate();
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
