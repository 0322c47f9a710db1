package dev.recount.scheduler.times;

import java.util.function.BiConsumer;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.quartz.JobKey;

/**
 * Says that something is due that this process starts by itself: a task, or the audit of a view.
 */
final class DueTask implements Job {
  private final BiConsumer<Timer.Kind, String> start;

  DueTask(BiConsumer<Timer.Kind, String> start) {
    this.start = start;
  }

  @Override
  public void execute(JobExecutionContext context) {
    JobKey key = context.getJobDetail().getKey();
    start.accept(Timer.Kind.valueOf(key.getGroup()), key.getName());
  }
}
