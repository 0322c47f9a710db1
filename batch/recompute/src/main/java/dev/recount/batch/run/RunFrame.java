package dev.recount.batch.run;

import dev.recount.batch.lake.RunFolders;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.DiskSpace;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.process.ThisProcess;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What every run has around its work: it is in the catalog from its beginning to its end, says each
 * second how far it is, has a log, can be stopped, and leaves nothing that was not published.
 */
public final class RunFrame {
  /** How long a run waits while the catalog, Kafka or Pinot is away. */
  public static final Duration AWAY = Duration.ofMinutes(3);

  /** For libraries, which are unpacked there, and the segments of a small view. */
  private static final long WORK_BYTES = 64L << 20;

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final RunFolders folders;

  public RunFrame(
      RecountConfig config, Catalog catalog, Clock clock, Progress progress, RunFolders folders) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.folders = folders;
  }

  /**
   * A run as the catalog is told of it.
   *
   * @param requests those that it covers
   */
  public record Order(
      String mode, String origin, int attempt, List<RunView> views, List<RunRequest> requests) {}

  /**
   * @param what is to be done, in words
   * @throws RecountException DISK_FULL
   */
  public static void requireRoom(RecountConfig config, String what) {
    new DiskSpace(config)
        .problem()
        .or(() -> WorkFolder.problem(Math.min(config.diskReserveBytes(), WORK_BYTES)))
        .ifPresent(
            problem -> {
              throw RecountException.of(
                  ErrorCode.DISK_FULL, "Cannot %s: %s; free some space", what, problem);
            });
  }

  /**
   * Does the work of a run, and notes how it ended.
   *
   * @param lease what the run holds; free again afterwards
   * @throws RecountException BATCH_CANCELLED, or what went wrong
   */
  public <T> T run(HeldLease lease, Order order, Function<RunContext, T> work) {
    List<RunView> views = order.views();
    String runId =
        catalog
            .runs()
            .begin(
                clock.millis(),
                order.mode(),
                order.origin(),
                order.attempt(),
                ThisProcess.host(),
                ThisProcess.id(),
                views);
    catalog.patient(AWAY).requests().take(runId, order.requests());
    // A process that is told to end waits until the lease is free again.
    try (ProcessEnd end = new ProcessEnd();
        lease;
        RunLog log = RunLog.open(config.home().logs(), runId, clock)) {
      StopSignal stop = end.signal();
      log.say("Run " + runId + " of " + ThisProcess.name() + ": " + named(views));
      Progress told = progress.alsoTo(log::say);
      Steps steps =
          new Steps(
              (step, seconds) -> log.say(String.format(Locale.ROOT, "%s: %.1f s", step, seconds)));
      try (RunRecord record = new RunRecord(catalog, clock, runId, views, told, steps, stop)) {
        return new Framed(record, steps, told, stop, log).run(work);
      }
    }
  }

  private static String named(List<RunView> views) {
    return views.stream().map(v -> v.name() + " " + v.mode()).collect(Collectors.joining(", "));
  }

  /** A run that the catalog knows of. */
  private final class Framed {
    private final Catalog patient = catalog.patient(AWAY);
    private final RunRecord record;
    private final Steps steps;
    private final Progress told;
    private final StopSignal stop;
    private final RunLog log;

    Framed(RunRecord record, Steps steps, Progress told, StopSignal stop, RunLog log) {
      this.record = record;
      this.steps = steps;
      this.told = told;
      this.stop = stop;
      this.log = log;
    }

    <T> T run(Function<RunContext, T> work) {
      try {
        T done = interruptible(work);
        record.requireNoneFailed();
        succeeded();
        return done;
      } catch (Throwable e) {
        ended(e);
        throw e;
      }
    }

    private <T> T interruptible(Function<RunContext, T> work) {
      stop.begin();
      try (WorkFolder folder = WorkFolder.make(config.home(), record.runId())) {
        T done = work.apply(new RunContext(record, steps, told, stop, log, folder));
        stop.requireNone();
        return done;
      } catch (Throwable e) {
        // Whatever an interrupted thread fails with, the wish is the cause.
        stop.requireNone();
        throw e;
      } finally {
        stop.end();
      }
    }

    private void succeeded() {
      patient.requests().done(record.runId(), record.done());
      // Views that were left out: not one of them has failed.
      patient.requests().giveBackLater(record.runId(), config.batch().retryPause());
      if (!record.end(BatchRun.SUCCEEDED, null, null)) {
        log.say("Another process has marked this run failed, though all is published");
      }
    }

    private void ended(Throwable cause) {
      StopSignal.Kind wished = stop.kind();
      if (wished == null) {
        log.failed("The run fails", cause);
      } else {
        log.say("The run ends early: " + stop.reason());
      }
      try {
        patient.requests().done(record.runId(), record.done());
        if (wished == null) {
          record.end(BatchRun.FAILED, cause, RunRecord.text(cause) + giveBack());
        } else {
          leaveRequests(wished);
          record.end(wished.status(), cause, stop.reason());
        }
        dropUnpublished();
      } catch (RuntimeException e) {
        // The next run, or whoever looks, settles it.
        cause.addSuppressed(e);
      }
    }

    private void leaveRequests(StopSignal.Kind wished) {
      if (wished == StopSignal.Kind.CANCELLED) {
        patient.requests().giveUp(record.runId());
      } else if (wished == StopSignal.Kind.ENDING) {
        patient.requests().giveBackUntried(record.runId());
      }
    }

    /** What was not done is due again; says so if it is not. */
    private String giveBack() {
      List<RunRequest> dropped =
          patient
              .requests()
              .giveBack(record.runId(), config.batch().retries(), config.batch().retryPause());
      return dropped.isEmpty()
          ? ""
          : "; gave up after "
              + (dropped.get(0).attempt() + 1)
              + " attempts: "
              + dropped.stream().map(RunRequest::viewName).collect(Collectors.joining(", "));
    }

    private void dropUnpublished() {
      for (RunView view : record.views()) {
        boolean isPublished =
            patient
                .batch()
                .find(record.runId(), view.table())
                .filter(p -> !p.status().equals(Publication.FAILED))
                .isPresent();
        if (!isPublished) {
          folders.drop(view.table(), record.runId());
        }
      }
    }
  }
}
