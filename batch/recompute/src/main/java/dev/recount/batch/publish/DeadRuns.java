package dev.recount.batch.publish;

import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Settles what runs left behind that were killed: in the catalog and in Pinot. */
public final class DeadRuns {
  private static final Logger LOG = LoggerFactory.getLogger(DeadRuns.class);
  private static final long CLOCK_TOLERANCE_MS = 2_000;

  private final Catalog catalog;
  private final Publisher publisher;
  private final Clock clock;

  public DeadRuns(Catalog catalog, Publisher publisher, Clock clock) {
    this.catalog = catalog;
    this.publisher = publisher;
    this.clock = clock;
  }

  /**
   * @throws RecountException BATCH_ALREADY_RUNNING if a run is alive
   */
  public void settle() {
    for (BatchRun run : catalog.batch().runs()) {
      if (run.status().equals(BatchRun.RUNNING)) {
        settle(run);
      }
    }
    catalog.views().all().stream()
        .map(ViewVersion::plan)
        .flatMap(plan -> catalog.batch().publications(plan.table()).stream())
        .filter(p -> p.status().equals(Publication.PUBLISHING))
        .forEach(publisher::settle);
  }

  private void settle(BatchRun run) {
    if (isAlive(run)) {
      throw RecountException.of(
          ErrorCode.BATCH_ALREADY_RUNNING,
          "Cannot start a batch run: run %s of process %s has been running since %s; "
              + "wait until it ends",
          run.runId(),
          run.processId(),
          Instant.ofEpochMilli(run.startedMs()));
    }
    LOG.info("Run {} of process {} is dead, marked failed", run.runId(), run.processId());
    catalog
        .batch()
        .put(
            RunRecord.failed(
                run,
                clock.millis(),
                "its process " + run.processId() + " ended before the run did"));
  }

  /** A process that began after the run is another one with the same number. */
  private static boolean isAlive(BatchRun run) {
    if (run.processId() == ProcessHandle.current().pid()) {
      return false;
    }
    return ProcessHandle.of(run.processId())
        .filter(ProcessHandle::isAlive)
        .flatMap(p -> p.info().startInstant())
        .map(start -> start.toEpochMilli() <= run.startedMs() + CLOCK_TOLERANCE_MS)
        .orElse(false);
  }
}
