package dev.recount.batch.publish;

import dev.recount.batch.cut.CutPicker;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import java.time.Clock;

/** Keeps the catalog's row of the present run up to date. */
public final class RunRecord {
  private static final String FULL = "full";

  private final Catalog catalog;
  private final Clock clock;
  private BatchRun run;

  private RunRecord(Catalog catalog, Clock clock, BatchRun run) {
    this.catalog = catalog;
    this.clock = clock;
    put(run);
  }

  public static RunRecord begin(Catalog catalog, Clock clock, long startedMs) {
    return new RunRecord(
        catalog,
        clock,
        new BatchRun(
            SegmentNames.runId(startedMs),
            FULL,
            BatchRun.RUNNING,
            ProcessHandle.current().pid(),
            startedMs,
            null,
            null,
            null,
            null,
            null));
  }

  public String runId() {
    return run.runId();
  }

  public void picked(CutPicker.Pick pick) {
    put(with(run, run.status(), null, pick.cut().boundaryMs(), null, Json.write(pick.positions())));
  }

  public void read(long events) {
    put(with(run, run.status(), null, run.cutMs(), events, run.positions()));
  }

  public void succeeded() {
    put(
        with(
            run,
            BatchRun.SUCCEEDED,
            clock.millis(),
            run.cutMs(),
            run.eventsRead(),
            run.positions()));
  }

  public void failed(Throwable reason) {
    put(failed(run, clock.millis(), String.valueOf(reason.getMessage())));
  }

  /** The row of a run that ended without success. */
  public static BatchRun failed(BatchRun run, long finishedMs, String reason) {
    return new BatchRun(
        run.runId(),
        run.mode(),
        BatchRun.FAILED,
        run.processId(),
        run.startedMs(),
        finishedMs,
        run.cutMs(),
        run.eventsRead(),
        run.positions(),
        reason);
  }

  private static BatchRun with(
      BatchRun run, String status, Long finishedMs, Long cutMs, Long events, String positions) {
    return new BatchRun(
        run.runId(),
        run.mode(),
        status,
        run.processId(),
        run.startedMs(),
        finishedMs,
        cutMs,
        events,
        positions,
        run.error());
  }

  private void put(BatchRun changed) {
    run = changed;
    catalog.batch().put(changed);
  }
}
