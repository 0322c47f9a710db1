package dev.recount.infra.stack;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/**
 * The local stack of one home: starts, stops and watches its processes, each a JVM of its own. The
 * processes outlive this object unless it is closed; what runs is known from the home alone, so any
 * command can act on a stack that another one started.
 */
public final class LocalStack implements AutoCloseable {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
  private static final Duration YOUNG = Duration.ofSeconds(90);
  private static final Duration WATCH_PATIENCE = Duration.ofSeconds(60);
  private static final int LOG_LINES = 20;
  private static final Duration POLL = Duration.ofMillis(50);

  private final RecountConfig config;
  private final Clock clock;
  private final StackProcesses processes;
  private final Launcher launcher;
  private final Probes probes;
  private volatile StackStart starting;
  private Consumer<StartedProcess> listener = started -> {};

  private LocalStack(RecountConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
    this.processes = StackProcesses.of(config);
    this.launcher = new Launcher(config);
    this.probes = new Probes(config);
  }

  /** The stack of the configuration's home. */
  public static LocalStack of(RecountConfig config) {
    // Logging is set up by one thread, before several of them ask for it at once.
    LoggerFactory.getILoggerFactory();
    return new LocalStack(config, Clock.systemUTC());
  }

  /** Called for each process when it becomes ready. */
  public LocalStack onReady(Consumer<StartedProcess> newListener) {
    this.listener = newListener;
    return this;
  }

  /** Starts the named processes, or all; see {@link #start(Collection)}. */
  public List<StartedProcess> start(String... names) {
    return start(List.of(names));
  }

  /**
   * Starts those of the named processes that do not run (of all, if none is named), and returns
   * when all of them are ready.
   *
   * @throws RecountException FILE_UNUSABLE, DISK_FULL, PORT_TAKEN, before anything was started;
   *     STACK_START_FAILED, after what this call started was stopped again
   */
  public List<StartedProcess> start(Collection<String> names) {
    List<ProcessSpec> wanted = processes.named(names);
    HomeFolder.requireUsable(config.home());
    StackLock lock = StackLock.take(config.home());
    try {
      HomePorts.keep(config);
      PortCheck.requireFree(wanted.stream().filter(spec -> process(spec).isEmpty()).toList());
      writeRunFiles();
      starting = new StackStart(config, launcher, probes, this::stopAll);
      return starting.run(wanted, listener);
    } finally {
      lock.close();
    }
  }

  private void writeRunFiles() {
    ServerFiles.write(config);
    HomePorts.write(config);
  }

  /**
   * Stops a running start from launching anything more.
   *
   * @return whether it has launched anything
   */
  boolean abandonStart() {
    return starting != null && starting.abandon();
  }

  /**
   * Has a process of its own start again what dies, until the stack is stopped. What died before
   * stays as it is.
   *
   * @param started names of processes that are watched even if they died since
   * @return false if it was there already
   */
  public boolean watch(Collection<String> started) {
    StackLock lock = StackLock.take(config.home());
    try {
      ProcessSpec watch = StackProcesses.watch(config);
      if (process(watch).isPresent()) {
        return false;
      }
      processes.all().stream()
          .filter(spec -> !started.contains(spec.name()) && process(spec).isEmpty())
          .forEach(spec -> pidFile(spec).delete());
      awaitWatch(watch, launcher.launch(watch, pidFile(watch)));
      return true;
    } finally {
      lock.close();
    }
  }

  /** From then on nothing that is wrong with the settings ends it. */
  private void awaitWatch(ProcessSpec watch, Process process) {
    WatchFile file = new WatchFile(config.home());
    boolean isThere =
        Deadline.after(WATCH_PATIENCE).await(POLL, () -> file.exists() || !process.isAlive());
    if (!isThere || !process.isAlive()) {
      pidFile(watch).delete();
      process.destroyForcibly();
      ProcessLogs logs = launcher.logs(watch);
      throw RecountException.of(
          ErrorCode.STACK_START_FAILED,
          "Cannot start 'watch': it %s; the stack runs, and what dies is not started again; its log "
              + "is '%s' and ends with:\n%s",
          isThere
              ? "exited while starting"
              : "was not ready within " + DurationText.of(WATCH_PATIENCE),
          logs.log(),
          logs.lastLines(LOG_LINES));
    }
  }

  /** Whether the stack should be watched and is not: the watch died. */
  boolean lacksItsWatch() {
    PidFile watch = pidFile(StackProcesses.watch(config));
    return watch.exists() && watch.process().isEmpty();
  }

  /** The processes that should run. */
  List<String> wanted() {
    return processes.all().stream()
        .filter(spec -> pidFile(spec).exists())
        .map(ProcessSpec::name)
        .toList();
  }

  /** The processes that run, its watch too. */
  List<String> running() {
    return withWatch().filter(spec -> process(spec).isPresent()).map(ProcessSpec::name).toList();
  }

  private Stream<ProcessSpec> withWatch() {
    return Stream.concat(processes.all().stream(), Stream.of(StackProcesses.watch(config)));
  }

  /** What died since the stack was started, by name. */
  Map<String, Restarts> restarts() {
    return new WatchFile(config.home()).read();
  }

  /** The watch goes first, and has ended before anything else does. */
  private void stopWatch() {
    ProcessSpec watch = StackProcesses.watch(config);
    PidFile pidFile = pidFile(watch);
    Optional<ProcessHandle> process = pidFile.process();
    // Whoever finds the file without its process takes it for dead.
    pidFile.delete();
    process.ifPresent(ProcessHandle::destroy);
    if (!Deadline.after(STOP_PATIENCE)
        .await(POLL, () -> !process.map(ProcessHandle::isAlive).orElse(false))) {
      process.ifPresent(ProcessHandle::destroyForcibly);
    }
    new WatchFile(config.home()).delete();
  }

  /**
   * Stops all processes, dependents first; those that do not end in time are killed.
   *
   * @return how many ran
   */
  public int stop() {
    abandonStart();
    stopWatch();
    int ran = (int) processes.all().stream().filter(spec -> process(spec).isPresent()).count();
    processes.stopOrder().forEach(this::stopAll);
    if (ran > 0) {
      launcher.makeClassData(withWatch().toList());
    }
    return ran;
  }

  /** Stops one process; a watch does not start it again. */
  public void stop(String name) {
    StackLock lock = StackLock.take(config.home());
    try {
      stopAll(List.of(processes.named(name)));
    } finally {
      lock.close();
    }
  }

  private void stopAll(Collection<ProcessSpec> specs) {
    specs.forEach(spec -> process(spec).ifPresent(ProcessHandle::destroy));
    Deadline deadline = Deadline.after(STOP_PATIENCE);
    for (ProcessSpec spec : specs) {
      if (!deadline.await(POLL, () -> process(spec).isEmpty())) {
        kill(spec);
      }
      pidFile(spec).delete();
    }
  }

  /** Ends one process by SIGKILL, as a crash would. */
  public void kill(String name) {
    kill(processes.named(name));
  }

  private void kill(ProcessSpec spec) {
    process(spec).ifPresent(ProcessHandle::destroyForcibly);
    Deadline.after(KILL_PATIENCE)
        .require("the end of process '" + spec.name() + "'", POLL, () -> process(spec).isEmpty());
  }

  /** Stops a process if it runs, starts it, and returns when it is ready. */
  public void restart(String name) {
    stop(name);
    start(name);
  }

  /** The state of every process, in start order. */
  public List<ProcessStatus> status() {
    Map<String, Restarts> restarts = restarts();
    List<ProcessStatus> all = new ArrayList<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      // Each waits for an answer, a process that hangs for long: all are asked at once.
      processes.all().stream()
          .map(
              spec ->
                  CompletableFuture.supplyAsync(
                      () -> status(spec, this::health, restarts), threads))
          .toList()
          .forEach(asked -> all.add(join(asked)));
    } finally {
      threads.shutdown();
    }
    ProcessSpec watch = StackProcesses.watch(config);
    if (pidFile(watch).exists()) {
      all.add(status(watch, (spec, process) -> Health.UP, restarts));
    }
    return all;
  }

  private static ProcessStatus join(CompletableFuture<ProcessStatus> asked) {
    try {
      return asked.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RecountException known ? known : e;
    }
  }

  private ProcessStatus status(
      ProcessSpec spec,
      BiFunction<ProcessSpec, ProcessHandle, Health> running,
      Map<String, Restarts> restarts) {
    Optional<ProcessHandle> process = process(spec);
    Long pid = process.map(ProcessHandle::pid).orElse(null);
    Health health = process.map(p -> running.apply(spec, p)).orElse(Health.DOWN);
    return new ProcessStatus(spec.name(), pid, health, spec.ports(), restarts.get(spec.name()));
  }

  private Health health(ProcessSpec spec, ProcessHandle process) {
    if (probes.isReady(spec.name(), process.pid())) {
      return Health.UP;
    }
    boolean young =
        process
            .info()
            .startInstant()
            .filter(start -> start.plus(YOUNG).isAfter(clock.instant()))
            .isPresent();
    return young ? Health.STARTING : Health.UNHEALTHY;
  }

  /** What the serving process says of all; {@link #status()} goes by it from then on. */
  Optional<ToldStatus> listen() {
    return pid("serving").isPresent() ? probes.listen() : Optional.empty();
  }

  /** The catalog, if it answers; closed with this object. */
  public Optional<Catalog> catalog() {
    return probes.catalog();
  }

  /** The process id, if the process runs. */
  public Optional<Long> pid(String name) {
    return process(processes.named(name)).map(ProcessHandle::pid);
  }

  private Optional<ProcessHandle> process(ProcessSpec spec) {
    return pidFile(spec).process();
  }

  private PidFile pidFile(ProcessSpec spec) {
    return new PidFile(config.home().run(), spec.name());
  }

  /** Lets go of the stack and leaves it running. */
  public void forget() {
    probes.close();
  }

  /** Stops all processes. */
  @Override
  public void close() {
    stop();
    probes.close();
  }
}
