package dev.recount.core.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * All that is known of a batch run, for people and programs. What a run has not come to yet, or
 * never will, is null.
 *
 * @param mode {@code full}, {@code incremental}, {@code rollback}, {@code backfill}, or {@code
 *     mixed} if its views differ
 * @param status {@code RUNNING}, {@code SUCCEEDED}, {@code FAILED}, {@code CANCELLED} or {@code
 *     MISSED}; a run whose process is silent for longer than {@link HeldLease#SILENCE} is shown as
 *     FAILED, even if nobody has noted it yet
 * @param origin who asked for it: {@code schedule}, {@code missed}, {@code hand} or {@code retry}
 * @param attempt how many runs have failed what it covers
 * @param views what it covers, and what became of each
 * @param step what it does now, or did last
 * @param stepDone how much of the step is done, in {@code stepUnit}
 * @param stepTotal how much there is to do; null if that is not known
 * @param stepRate how much of the step was done in a second, on average
 * @param stepSecondsLeft how long the step takes yet at this rate; null if that is not known
 * @param seconds of each step, in order
 * @param peakMemoryBytes the most memory that its process held
 * @param error why it failed, or was cancelled
 * @param cancelReason why it should end early, if somebody asked for that
 * @param silentMs how long ago it last said something; null once it has ended
 */
public record RunReport(
    String runId,
    String mode,
    String status,
    String origin,
    int attempt,
    String host,
    Long processId,
    Instant started,
    Instant finished,
    Instant cut,
    Long eventsRead,
    Long rowsWritten,
    List<RunView> views,
    String step,
    Long stepDone,
    Long stepTotal,
    String stepUnit,
    Double stepRate,
    Double stepSecondsLeft,
    Map<String, Double> seconds,
    Double cpuSeconds,
    Long bytesRead,
    Long bytesWritten,
    Long peakMemoryBytes,
    String errorCode,
    String error,
    String cancelReason,
    Long silentMs) {

  public boolean hasEnded() {
    return !status.equals(BatchRun.RUNNING);
  }

  /**
   * The same run for somebody who may not know of all views: without the others, and without the
   * error that may name them; that of each view stays.
   */
  public RunReport among(Predicate<String> isShown) {
    List<RunView> shown = views.stream().filter(view -> isShown.test(view.view())).toList();
    return shown.size() == views.size()
        ? this
        : new RunReport(
            runId,
            mode,
            status,
            origin,
            attempt,
            host,
            processId,
            started,
            finished,
            cut,
            eventsRead,
            rowsWritten,
            shown,
            step,
            stepDone,
            stepTotal,
            stepUnit,
            stepRate,
            stepSecondsLeft,
            seconds,
            cpuSeconds,
            bytesRead,
            bytesWritten,
            peakMemoryBytes,
            errorCode,
            null,
            cancelReason,
            silentMs);
  }

  /** What it does now, in words; empty if it has ended or just begun. */
  public Optional<String> doing() {
    if (hasEnded() || step == null) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder(step);
    if (stepDone != null) {
      text.append(String.format(Locale.ROOT, ": %,d", stepDone));
      if (stepTotal != null) {
        text.append(String.format(Locale.ROOT, " of %,d", stepTotal));
      }
      text.append(' ').append(stepUnit);
      if (stepRate != null && stepRate >= 1) {
        text.append(String.format(Locale.ROOT, ", %,.0f/s", stepRate));
      }
      if (stepSecondsLeft != null) {
        text.append(String.format(Locale.ROOT, ", %,.0f s left", stepSecondsLeft));
      }
    }
    if (cancelReason != null) {
      text.append(", ending: ").append(cancelReason);
    }
    return Optional.of(text.toString());
  }
}
