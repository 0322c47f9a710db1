package dev.recount.scheduler.times;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ScheduleCatalog;
import dev.recount.core.view.Cron;
import dev.recount.core.view.ViewSchedule;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks for a run of a view that is due; whoever runs it is another's business. */
final class DueView implements Job {
  private static final Logger LOG = LoggerFactory.getLogger(DueView.class);

  /** Counted no further: who was away for longer wants to know that, not how often. */
  private static final int MOST_MISSED = 10_000;

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Tried so often if it fails: for an hour at least. */
  private static final int MOST_TRIES = 3_600;

  private final Catalog catalog;

  DueView(Catalog catalog) {
    this.catalog = catalog;
  }

  /** A time that is due is not lost because the catalog fails in that moment. */
  @Override
  public void execute(JobExecutionContext context) throws JobExecutionException {
    try {
      ask(context);
    } catch (RecountException e) {
      boolean isAgain = context.getRefireCount() < MOST_TRIES;
      LOG.warn("Cannot ask for a run yet: {}{}", e.getMessage(), isAgain ? "; trying again" : "");
      Deadline.after(PAUSE).pause(PAUSE);
      throw new JobExecutionException(e, isAgain);
    }
  }

  private void ask(JobExecutionContext context) {
    String view = context.getMergedJobDataMap().getString(Timer.NAME);
    catalog
        .views()
        .active(view)
        .map(version -> ViewSchedule.of(version.plan()))
        .filter(schedule -> schedule.cron() != null)
        .ifPresent(
            schedule ->
                catalog.schedules().due(due(view, schedule.cron(), context), schedule.mode()));
  }

  /**
   * Every time of the schedule asks for a run: what lies between the last that did and this one was
   * missed. Times from before the schedule was taken up do not count.
   */
  private ScheduleCatalog.Due due(String view, Cron cron, JobExecutionContext context) {
    Instant at = at(context);
    Optional<Instant> asked =
        catalog.schedules().find(view).map(s -> s.dueMs()).map(Instant::ofEpochMilli);
    Instant since = begun(context, at);
    if (asked.isPresent() && asked.get().isAfter(since)) {
      since = asked.get();
    }
    int missed = cron.count(since, at, MOST_MISSED);
    return new ScheduleCatalog.Due(
        view, at, missed, missed == 0 ? null : cron.next(since).orElseThrow());
  }

  private static Instant at(JobExecutionContext context) {
    Date at =
        context.isRecovering()
            ? new Date(
                Long.parseLong(
                    context
                        .getMergedJobDataMap()
                        .getString(
                            Scheduler
                                .FAILED_JOB_ORIGINAL_TRIGGER_SCHEDULED_FIRETIME_IN_MILLISECONDS)))
            : context.getScheduledFireTime();
    return at.toInstant();
  }

  /** A job that another scheduler began has a trigger of its own. */
  private static Instant begun(JobExecutionContext context, Instant at) {
    return context.isRecovering() ? at : context.getTrigger().getStartTime().toInstant();
  }
}
