package dev.recount.scheduler;

import dev.recount.core.Loop;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.ScheduleCatalog;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.cli.Commands;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.process.ThisProcess;
import dev.recount.core.service.Service;
import dev.recount.error.RecountException;
import dev.recount.scheduler.launch.Command;
import dev.recount.scheduler.launch.DueRuns;
import dev.recount.scheduler.launch.Launcher;
import dev.recount.scheduler.launch.RecountLauncher;
import dev.recount.scheduler.launch.Task;
import dev.recount.scheduler.times.QuartzTimers;
import dev.recount.scheduler.times.Timer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/**
 * The process that follows the schedules of views. Several may share a catalog: of a time that is
 * due one of them takes care, and one of them, the leader, starts the runs.
 */
@CommandLine.Command(
    name = "scheduler",
    mixinStandardHelpOptions = true,
    description = "Has views recomputed when their schedules say so.")
public final class SchedulerService extends Service {
  /** Its name among the heartbeats. */
  public static final String NAME = Standstill.SCHEDULER;

  /** The name of one that waits for the leader's end. */
  public static final String STANDBY = "scheduler-standby";

  private static final Logger LOG = LoggerFactory.getLogger(SchedulerService.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(18);
  private static final Duration TURN_PATIENCE = Duration.ofSeconds(3);
  private static final Duration RUN_PATIENCE = Duration.ofSeconds(12);
  private static final Duration TASK_PATIENCE = Duration.ofSeconds(1);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);

  private final Function<RecountConfig, Launcher> launchers;
  private final String instance = instance();
  private final Map<String, String> problems = new TreeMap<>();
  private List<String> viewProblems = List.of();
  private boolean isLeader;

  SchedulerService(Clock clock, Function<RecountConfig, Launcher> launchers) {
    super(NAME, clock, STOP_LIMIT);
    this.launchers = launchers;
  }

  /** Starts the process. */
  public static void main(String[] arguments) {
    Commands.main(new SchedulerService(Clock.systemUTC(), RecountLauncher::of), arguments);
  }

  private static String instance() {
    String random = UUID.randomUUID().toString().substring(0, 8);
    return ThisProcess.host() + "-" + ThisProcess.id() + "-" + random;
  }

  @Override
  protected void serve(RecountConfig config, Catalog catalog) throws InterruptedException {
    Launcher launcher = launchers.apply(config);
    Turns turns = new Turns(config, catalog, launcher);
    try (QuartzTimers timers = QuartzTimers.start(catalog, instance, turns::start)) {
      Loop loop = Loop.start(NAME, BEAT, () -> turns.turn(timers));
      LOG.info("Following the schedules as {}", instance);
      awaitStop();
      loop.stop();
      loop.join(TURN_PATIENCE);
    } finally {
      turns.end();
    }
  }

  /** What the process does each second. */
  private final class Turns {
    private final RecountConfig config;
    private final Catalog catalog;
    private final Map<String, Task> tasks = new LinkedHashMap<>();
    private final DueRuns runs;

    Turns(RecountConfig config, Catalog catalog, Launcher launcher) {
      this.config = config;
      this.catalog = catalog;
      tasks.put(ViewTimers.CLEAN, task(launcher, "batch", "clean"));
      tasks.put(ViewTimers.COMPACTION, task(launcher, "archive", "compact", "--due"));
      tasks.put(Timer.Kind.AUDIT.name(), task(launcher, "audit", "--due"));
      this.runs =
          new DueRuns(catalog, config, launcher, tasks.get(ViewTimers.CLEAN), clock(), FIRST_PAUSE);
    }

    private Task task(Launcher launcher, String... words) {
      String name =
          List.of(words).stream()
              .filter(word -> !word.startsWith("-"))
              .collect(Collectors.joining("-"));
      return new Task(new Command(launcher, config.home().logs().resolve(name + ".log"), words));
    }

    /** Called when an audit or a task is due, by Quartz's threads. */
    void start(Timer.Kind kind, String name) {
      Task task = tasks.get(kind == Timer.Kind.AUDIT ? kind.name() : name);
      if (task != null) {
        task.want();
      }
    }

    void turn(QuartzTimers timers) {
      attempt("leader", this::lead);
      attempt("settle", runs::settle);
      tasks.forEach((name, task) -> attempt(name, task::turn));
      if (isLeader && problems.get("leader") == null) {
        attempt("schedules", () -> follow(timers));
        attempt("runs", runs::turn);
      }
      beat();
    }

    private void lead() {
      boolean isNow = catalog.leases().take(NAME, instance, HeldLease.SILENCE);
      if (isNow != isLeader) {
        LOG.info("This scheduler is {}", isNow ? "the leader" : "a standby");
        forget();
      }
      isLeader = isNow;
    }

    /** It goes by another name from now on, or by none. */
    private void forget() {
      catalog.services().forget(isLeader ? NAME : STANDBY, ProcessHandle.current().pid());
    }

    private void follow(QuartzTimers timers) {
      ViewTimers wanted = ViewTimers.of(catalog, config);
      viewProblems = wanted.problems();
      timers.follow(wanted.timers());
      Set<String> views =
          catalog.views().active().stream().map(ViewVersion::viewName).collect(Collectors.toSet());
      catalog.schedules().all().stream()
          .map(ScheduleCatalog.State::viewName)
          .filter(view -> !views.contains(view))
          .forEach(catalog.schedules()::forget);
    }

    private void beat() {
      List<String> all = new ArrayList<>(problems.values());
      runs.problem().ifPresent(all::add);
      tasks.values().forEach(task -> task.problem().ifPresent(all::add));
      all.addAll(isLeader ? viewProblems : List.of());
      Map<String, Object> detail = new LinkedHashMap<>();
      detail.put("leader", isLeader);
      detail.put("instance", instance);
      detail.put("run", runs.runId().orElse(null));
      detail.put("problems", all.stream().distinct().toList());
      SchedulerService.this.beat(catalog, isLeader ? NAME : STANDBY, detail);
    }

    void end() throws InterruptedException {
      runs.end(RUN_PATIENCE);
      for (Task task : tasks.values()) {
        task.end(TASK_PATIENCE);
      }
      attempt("leader", () -> catalog.leases().release(NAME, instance));
      attempt("leader", this::forget);
    }
  }

  /** A failure is logged when it is new, kept for the heartbeat, and keeps nothing else back. */
  private void attempt(String subject, Runnable work) {
    try {
      work.run();
      problems.remove(subject);
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      String text =
          e instanceof RecountException known ? known.code() + ": " + e.getMessage() : "" + e;
      if (!text.equals(problems.put(subject, text))) {
        LOG.error("{}", text, e);
      }
    }
  }
}
