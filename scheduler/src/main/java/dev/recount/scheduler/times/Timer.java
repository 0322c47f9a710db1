package dev.recount.scheduler.times;

import dev.recount.core.view.Cron;
import java.util.TimeZone;
import org.quartz.CronScheduleBuilder;
import org.quartz.CronTrigger;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;

/**
 * Something that is due again and again.
 *
 * @param zone of the cron, as Java's {@link TimeZone} names it
 */
public record Timer(Kind kind, String name, String cron, String zone) {
  /** What is due. */
  public enum Kind {
    /** A run of the view of this name. */
    RUN,
    /** An audit of the view of this name. */
    AUDIT,
    /** A task of this name. */
    TASK
  }

  /** What its job finds in its data: nothing but the name. */
  static final String NAME = "name";

  /** A timer for a cron. */
  public static Timer of(Kind kind, String name, Cron cron) {
    return new Timer(kind, name, cron.expression(), TimeZone.getTimeZone(cron.zone()).getID());
  }

  static Timer of(CronTrigger trigger) {
    return new Timer(
        Kind.valueOf(trigger.getKey().getGroup()),
        trigger.getKey().getName(),
        trigger.getCronExpression(),
        trigger.getTimeZone().getID());
  }

  TriggerKey key() {
    return new TriggerKey(name, kind.name());
  }

  JobKey jobKey() {
    return new JobKey(name, kind.name());
  }

  /** A job that another scheduler does if this one dies while doing it. */
  JobDetail job(Class<? extends Job> type) {
    return JobBuilder.newJob(type)
        .withIdentity(jobKey())
        .usingJobData(NAME, name)
        .requestRecovery()
        .build();
  }

  /** Fires once for all times that have passed unseen. */
  Trigger trigger() {
    return TriggerBuilder.newTrigger()
        .withIdentity(key())
        .withSchedule(
            CronScheduleBuilder.cronSchedule(cron)
                .inTimeZone(TimeZone.getTimeZone(zone))
                .withMisfireHandlingInstructionFireAndProceed())
        .build();
  }
}
