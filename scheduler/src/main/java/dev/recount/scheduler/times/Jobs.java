package dev.recount.scheduler.times;

import dev.recount.core.catalog.Catalog;
import java.util.function.BiConsumer;
import org.quartz.Job;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.spi.JobFactory;
import org.quartz.spi.TriggerFiredBundle;

/** Makes jobs with what they work with. */
final class Jobs implements JobFactory {
  private final Catalog catalog;
  private final BiConsumer<Timer.Kind, String> start;

  Jobs(Catalog catalog, BiConsumer<Timer.Kind, String> start) {
    this.catalog = catalog;
    this.start = start;
  }

  @Override
  public Job newJob(TriggerFiredBundle bundle, Scheduler scheduler) throws SchedulerException {
    Class<? extends Job> type = bundle.getJobDetail().getJobClass();
    if (type == DueView.class) {
      return new DueView(catalog);
    }
    if (type == DueTask.class) {
      return new DueTask(start);
    }
    throw new SchedulerException("there are no jobs of " + type);
  }
}
