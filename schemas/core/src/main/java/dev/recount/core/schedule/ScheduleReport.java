package dev.recount.core.schedule;

import dev.recount.core.catalog.RunRequest;
import java.time.Instant;

/**
 * The schedule of a view, and how it stands with it.
 *
 * @param state {@code scheduled}, {@code paused}, {@code by hand} if it has no schedule, or {@code
 *     invalid}
 * @param schedule the cron; null by hand
 * @param zone of the crons
 * @param mode of the scheduled runs; null by hand
 * @param next when it is due next; null if it is not
 * @param lastDue when it was last due; null if it never was
 * @param audit the cron of its audits; null by hand
 * @param nextAudit when it is audited next; null if it is not
 * @param pending what is asked for and not yet taken by a run; null if nothing is
 * @param running the run that computes it now; null if none does
 * @param lastRun the last run over it that has ended; null if there was none
 * @param problem what is wrong with the schedule; null if nothing is
 */
public record ScheduleReport(
    String view,
    String state,
    String schedule,
    String zone,
    String mode,
    Instant next,
    Instant lastDue,
    String audit,
    Instant nextAudit,
    Pending pending,
    String running,
    LastRun lastRun,
    String problem) {
  public static final String SCHEDULED = "scheduled";
  public static final String PAUSED = "paused";
  public static final String BY_HAND = "by hand";
  public static final String INVALID = "invalid";

  /**
   * A run that is asked for.
   *
   * @param origin who asked: {@code schedule}, {@code missed}, {@code hand} or {@code retry}
   * @param attempt how many runs have failed it
   * @param notBefore from when on it may run
   */
  public record Pending(String mode, String origin, int attempt, Instant notBefore) {
    static Pending of(RunRequest request) {
      return new Pending(
          request.mode(),
          request.origin(),
          request.attempt(),
          Instant.ofEpochMilli(request.notBeforeMs()));
    }
  }

  /**
   * A run that has ended.
   *
   * @param error why it failed; null if it did not
   */
  public record LastRun(
      String runId, String status, String mode, Instant started, Instant finished, String error) {}
}
