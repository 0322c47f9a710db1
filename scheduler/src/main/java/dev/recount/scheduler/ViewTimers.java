package dev.recount.scheduler;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.ScheduleCatalog;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.Cron;
import dev.recount.core.view.ViewSchedule;
import dev.recount.error.RecountException;
import dev.recount.scheduler.times.Timer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The timers that the catalog and the settings ask for: of the views that readers see, but not of
 * those that are paused.
 *
 * @param problems schedules that cannot be followed, in words
 */
record ViewTimers(List<Timer> timers, List<String> problems) {
  /** The task that joins small files of the archive. */
  static final String COMPACTION = "compaction";

  /** The task that removes what failed runs left behind. */
  static final String CLEAN = "clean";

  static ViewTimers of(Catalog catalog, RecountConfig config) {
    ViewTimers found = new ViewTimers(new ArrayList<>(), new ArrayList<>());
    found.add(Timer.Kind.TASK, COMPACTION, config.crons().compaction());
    found.add(Timer.Kind.TASK, CLEAN, config.crons().clean());
    Set<String> paused = new HashSet<>();
    catalog.schedules().all().stream()
        .filter(ScheduleCatalog.State::paused)
        .forEach(state -> paused.add(state.viewName()));
    for (ViewVersion version : catalog.views().active()) {
      found.add(version, paused.contains(version.viewName()));
    }
    return found;
  }

  private void add(ViewVersion version, boolean isPaused) {
    try {
      ViewSchedule schedule = ViewSchedule.of(version.plan());
      Optional<Cron> runs = Optional.ofNullable(schedule.cron());
      add(Timer.Kind.RUN, version.viewName(), runs.filter(cron -> !isPaused));
      add(Timer.Kind.AUDIT, version.viewName(), Optional.ofNullable(schedule.auditCron()));
    } catch (RecountException e) {
      problems.add(e.getMessage());
    }
  }

  private void add(Timer.Kind kind, String name, Optional<Cron> cron) {
    cron.ifPresent(times -> timers.add(Timer.of(kind, name, times)));
  }
}
