package dev.recount.scheduler.times;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.BiConsumer;
import org.quartz.CronTrigger;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.utils.DBConnectionManager;

/**
 * All timers of a catalog, kept there by Quartz: several processes may share them, and of a time
 * that is due one takes care. What a process began that died, another does.
 */
public final class QuartzTimers implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMinutes(1);

  private final Scheduler quartz;

  /** What Quartz holds, as far as is known; null if it must be asked. */
  private Map<TriggerKey, Timer> held;

  private Deadline look = Deadline.after(LOOK);

  private QuartzTimers(Scheduler quartz) {
    this.quartz = quartz;
  }

  /**
   * Takes part in firing the timers of a catalog.
   *
   * @param instance a name that no other process uses
   * @param start called when an audit or a task is due; runs are asked for in the catalog
   * @throws RecountException CATALOG_UNAVAILABLE
   */
  public static QuartzTimers start(
      Catalog catalog, String instance, BiConsumer<Timer.Kind, String> start) {
    DBConnectionManager.getInstance()
        .addConnectionProvider(instance, new CatalogConnections(catalog.dataSource()));
    try {
      StdSchedulerFactory factory = new StdSchedulerFactory(settings(instance));
      Scheduler quartz = factory.getScheduler();
      quartz.setJobFactory(new Jobs(catalog, start));
      quartz.start();
      return new QuartzTimers(quartz);
    } catch (SchedulerException e) {
      throw unavailable(e);
    }
  }

  private static Properties settings(String instance) {
    Properties settings = new Properties();
    settings.put("org.quartz.scheduler.instanceName", "recount");
    settings.put("org.quartz.scheduler.instanceId", instance);
    settings.put("org.quartz.scheduler.skipUpdateCheck", "true");
    // How soon what another process has changed is seen, and how long to wait for a catalog that is
    // away.
    settings.put("org.quartz.scheduler.idleWaitTime", "1000");
    settings.put("org.quartz.scheduler.dbFailureRetryInterval", "1000");
    settings.put("org.quartz.threadPool.class", "org.quartz.simpl.SimpleThreadPool");
    settings.put("org.quartz.threadPool.threadCount", "2");
    settings.put("org.quartz.threadPool.makeThreadsDaemons", "true");
    settings.put("org.quartz.jobStore.class", "org.quartz.impl.jdbcjobstore.JobStoreTX");
    // Reads job data as bytes, which H2's columns are too.
    settings.put(
        "org.quartz.jobStore.driverDelegateClass",
        "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate");
    settings.put("org.quartz.jobStore.useProperties", "true");
    settings.put("org.quartz.jobStore.dataSource", instance);
    settings.put("org.quartz.jobStore.isClustered", "true");
    settings.put("org.quartz.jobStore.clusterCheckinInterval", "1000");
    settings.put("org.quartz.jobStore.dbRetryInterval", "1000");
    // A time that is seen later than this was missed; before that it is only late.
    settings.put("org.quartz.jobStore.misfireThreshold", "10000");
    return settings;
  }

  /**
   * Makes the timers be these; one whose times are the same goes on undisturbed.
   *
   * @throws RecountException CATALOG_UNAVAILABLE
   */
  public synchronized void follow(Collection<Timer> wanted) {
    try {
      if (held == null || look.isExpired()) {
        held = held();
        look = Deadline.after(LOOK);
      }
      Map<TriggerKey, Timer> byKey = new HashMap<>();
      wanted.forEach(timer -> byKey.put(timer.key(), timer));
      for (Timer timer : Set.copyOf(held.values())) {
        if (!byKey.containsKey(timer.key())) {
          quartz.deleteJob(timer.jobKey());
          held.remove(timer.key());
        }
      }
      for (Timer timer : wanted) {
        if (!timer.equals(held.get(timer.key()))) {
          quartz.scheduleJob(timer.job(type(timer.kind())), Set.of(timer.trigger()), true);
          held.put(timer.key(), timer);
        }
      }
    } catch (SchedulerException e) {
      held = null;
      throw unavailable(e);
    }
  }

  private static Class<? extends org.quartz.Job> type(Timer.Kind kind) {
    return kind == Timer.Kind.RUN ? DueView.class : DueTask.class;
  }

  private Map<TriggerKey, Timer> held() throws SchedulerException {
    Map<TriggerKey, Timer> found = new HashMap<>();
    for (Timer.Kind kind : Timer.Kind.values()) {
      for (TriggerKey key : quartz.getTriggerKeys(GroupMatcher.triggerGroupEquals(kind.name()))) {
        if (quartz.getTrigger(key) instanceof CronTrigger trigger) {
          found.put(key, Timer.of(trigger));
        }
        if (quartz.getTriggerState(key) == Trigger.TriggerState.ERROR) {
          quartz.resetTriggerFromErrorState(key);
        }
      }
    }
    return found;
  }

  private static RecountException unavailable(SchedulerException e) {
    return RecountException.of(
        ErrorCode.CATALOG_UNAVAILABLE,
        e,
        "Cannot keep the timers in the catalog: %s; is the stack up? (recount status)",
        e.getMessage());
  }

  /** Fires nothing more; what has begun ends by itself. */
  @Override
  public void close() {
    try {
      quartz.shutdown(false);
    } catch (SchedulerException e) {
      throw unavailable(e);
    }
  }
}
