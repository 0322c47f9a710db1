package dev.recount.infra.stack;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** One start of a set of processes: at the same time if their needs allow it. */
final class StackStart {
  private static final Duration PATIENCE = Duration.ofSeconds(180);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int LOG_LINES = 20;

  private final RecountConfig config;
  private final Launcher launcher;
  private final Probes probes;
  private final Consumer<Collection<ProcessSpec>> stop;
  private final ConcurrentLinkedQueue<ProcessSpec> launched = new ConcurrentLinkedQueue<>();
  private volatile boolean failed;

  StackStart(
      RecountConfig config,
      Launcher launcher,
      Probes probes,
      Consumer<Collection<ProcessSpec>> stop) {
    this.config = config;
    this.launcher = launcher;
    this.probes = probes;
    this.stop = stop;
  }

  List<StartedProcess> run(List<ProcessSpec> wanted, Consumer<StartedProcess> listener) {
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      Map<String, CompletableFuture<StartedProcess>> starts = new LinkedHashMap<>();
      for (ProcessSpec spec : wanted) {
        CompletableFuture<?>[] needs =
            spec.needs().stream()
                .map(starts::get)
                .filter(start -> start != null && !spec.waits())
                .toArray(CompletableFuture<?>[]::new);
        starts.put(
            spec.name(),
            CompletableFuture.allOf(needs)
                .thenApplyAsync(ready -> startOne(spec), threads)
                .whenComplete((started, error) -> tell(listener, started, error)));
      }
      return await(starts.values());
    } finally {
      threads.shutdown();
    }
  }

  private synchronized void tell(
      Consumer<StartedProcess> listener, StartedProcess started, Throwable error) {
    failed |= error != null;
    if (started != null) {
      listener.accept(started);
    }
  }

  /** Waits for all, also after a failure, so that nothing is launched behind the clean-up. */
  private List<StartedProcess> await(Collection<CompletableFuture<StartedProcess>> starts) {
    List<StartedProcess> ready = new ArrayList<>();
    Optional<Throwable> failure = Optional.empty();
    for (CompletableFuture<StartedProcess> start : starts) {
      try {
        ready.add(start.join());
      } catch (CompletionException e) {
        boolean isFirst = failure.isEmpty() || failure.get() instanceof Abandoned;
        failure = isFirst ? Optional.of(e.getCause()) : failure;
      }
    }
    if (failure.isPresent()) {
      stop.accept(List.copyOf(launched));
      throw failure.get() instanceof RecountException known
          ? known
          : RecountException.of(
              ErrorCode.STACK_START_FAILED,
              failure.get(),
              "Cannot start the stack: %s",
              failure.get().getMessage());
    }
    return ready;
  }

  private StartedProcess startOne(ProcessSpec spec) {
    long begun = System.nanoTime();
    PidFile pidFile = new PidFile(config.home().run(), spec.name());
    Optional<ProcessHandle> running = pidFile.process();
    ProcessHandle process = running.orElseGet(() -> launch(spec, pidFile));
    awaitReady(spec, process);
    return new StartedProcess(
        spec.name(), running.isPresent(), Duration.ofNanos(System.nanoTime() - begun));
  }

  /**
   * Launches nothing more.
   *
   * @return whether it has launched anything
   */
  synchronized boolean abandon() {
    failed = true;
    return !launched.isEmpty();
  }

  private synchronized ProcessHandle launch(ProcessSpec spec, PidFile pidFile) {
    if (failed) {
      throw new Abandoned();
    }
    ProcessHandle process = launcher.launch(spec, pidFile).toHandle();
    launched.add(spec);
    return process;
  }

  private void awaitReady(ProcessSpec spec, ProcessHandle process) {
    boolean ready =
        Deadline.after(PATIENCE)
            .await(
                POLL,
                () -> {
                  if (failed) {
                    throw new Abandoned();
                  }
                  if (!process.isAlive()) {
                    throw failure(spec, "it exited while starting");
                  }
                  return probes.isReady(spec.name(), process.pid());
                });
    if (!ready) {
      throw failure(spec, "it was not ready within " + PATIENCE.toSeconds() + " s");
    }
  }

  private RecountException failure(ProcessSpec spec, String reason) {
    return RecountException.of(
        ErrorCode.STACK_START_FAILED,
        "Cannot start '%s': %s; its log is '%s' and ends with:\n%s",
        spec.name(),
        reason,
        launcher.logs(spec).log(),
        launcher.logs(spec).lastLines(LOG_LINES));
  }

  /** Ends the wait for a process because another one failed, or because the stack is stopped. */
  private static final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Abandoned() {
      super("it was stopped while starting");
    }
  }
}
