package dev.recount.infra.stack;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts again what died. A process whose id is noted in the home and that does not run has died:
 * whoever stops one removes the note. One that runs and does not answer is left alone: it may be
 * slow, and what it holds is its own as long as it lives.
 */
final class StackWatch {
  private static final Logger LOG = LoggerFactory.getLogger(StackWatch.class);
  private static final int MOST_WORDS = 300;
  private static final Duration CODE_PATIENCE = Duration.ofSeconds(2);

  private final RecountConfig config;
  private final StackProcesses processes;
  private final Launcher launcher;
  private final Clock clock;
  private final LongSupplier nanos;
  private final WatchFile file;
  private final Map<String, Restarts> restarts;
  private final Map<String, Watched> watched = new HashMap<>();

  /** A process as this watch has seen it. */
  private static final class Watched {
    private final RestartPlan plan = new RestartPlan();

    /** Null if it was not started here: then nobody tells its exit code. */
    private Process process;

    private long startedNanos;
    private boolean isDead;
    private long dueNanos;
  }

  StackWatch(RecountConfig config, Clock clock, LongSupplier nanos) {
    this.config = config;
    this.processes = StackProcesses.of(config);
    this.launcher = new Launcher(config);
    this.clock = clock;
    this.nanos = nanos;
    this.file = new WatchFile(config.home());
    this.restarts = new TreeMap<>(file.read());
    file.write(restarts);
  }

  /**
   * Looks at each process once, and starts those that are due.
   *
   * @return whether there is anything left to watch
   */
  boolean look() throws IOException {
    if (!isTheWatch()) {
      return false;
    }
    boolean isAnyWanted = false;
    for (ProcessSpec spec : processes.all()) {
      PidFile pidFile = pidFile(spec);
      if (pidFile.exists()) {
        isAnyWanted = true;
        look(spec, pidFile);
      } else {
        watched.remove(spec.name());
      }
    }
    for (ProcessSpec spec : processes.all()) {
      launcher.logs(spec).keepSmall();
    }
    return isAnyWanted;
  }

  /** Not if another one has taken over, or the home is gone. */
  private boolean isTheWatch() {
    return pidFile(StackProcesses.watch(config))
        .process()
        .filter(process -> process.equals(ProcessHandle.current()))
        .isPresent();
  }

  private PidFile pidFile(ProcessSpec spec) {
    return new PidFile(config.home().run(), spec.name());
  }

  private void look(ProcessSpec spec, PidFile pidFile) {
    Watched process = watched.computeIfAbsent(spec.name(), name -> new Watched());
    Optional<ProcessHandle> running = pidFile.process();
    if (running.isPresent()) {
      lives(spec, process, running.get());
      return;
    }
    if (!process.isDead) {
      died(spec, process, why(spec, process));
    }
    if (nanos.getAsLong() - process.dueNanos >= 0 && hasWhatItNeeds(spec)) {
      startAgain(spec, process, pidFile);
    }
  }

  private void lives(ProcessSpec spec, Watched process, ProcessHandle running) {
    boolean isNew = process.startedNanos == 0 || process.isDead;
    if (isNew) {
      Duration age =
          running
              .info()
              .startInstant()
              .map(start -> Duration.between(start, clock.instant()))
              .filter(lived -> !lived.isNegative())
              .orElse(Duration.ZERO);
      process.startedNanos = nanos.getAsLong() - age.toNanos();
      process.isDead = false;
    }
    // Somebody else may have started it while it was to wait.
    Restarts known = restarts.get(spec.name());
    if (known != null && known.next() != null) {
      note(spec, new Restarts(known.count(), known.died(), known.why(), null));
    }
  }

  private void died(ProcessSpec spec, Watched process, String why) {
    long now = nanos.getAsLong();
    // Dead when it was first looked at: it lived while nobody watched.
    Duration lived =
        process.startedNanos == 0
            ? RestartPlan.LONG_LIFE
            : Duration.ofNanos(now - process.startedNanos);
    Duration pause = process.plan.pauseAfter(lived);
    process.isDead = true;
    process.process = null;
    process.dueNanos = now + pause.toNanos();
    int count = Optional.ofNullable(restarts.get(spec.name())).map(Restarts::count).orElse(0);
    note(spec, new Restarts(count, now(), why, now().plus(pause)));
    LOG.warn("{} ended ({}); it is started again in {} s", spec.name(), why, pause.toSeconds());
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private String why(ProcessSpec spec, Watched process) {
    String said = launcher.logs(spec).lastLine();
    String words = said.length() > MOST_WORDS ? said.substring(0, MOST_WORDS) + " ..." : said;
    return exitCode(process) + (words.isEmpty() ? "" : ", last said: " + words);
  }

  /** A process is gone a moment before its exit code is here. */
  private static String exitCode(Watched process) {
    try {
      if (process.process != null
          && process.process.waitFor(CODE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return "exit code " + process.process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return "exit code unknown";
  }

  private static boolean hasWhatItNeeds(Map<String, Integer> ports) {
    return ports.values().stream().allMatch(Probes::isListening);
  }

  /** Not whether they work: a process that waits for another one says so itself. */
  private boolean hasWhatItNeeds(ProcessSpec spec) {
    return processes.all().stream()
        .filter(other -> spec.needs().contains(other.name()) && pidFile(other).exists())
        .allMatch(other -> hasWhatItNeeds(other.ports()));
  }

  /** A command that is starting processes goes first. */
  private void startAgain(ProcessSpec spec, Watched process, PidFile pidFile) {
    Optional<StackLock> lock = StackLock.tryTake(config.home());
    if (lock.isEmpty()) {
      return;
    }
    try {
      if (pidFile.exists() && pidFile.process().isEmpty() && isTheWatch()) {
        launch(spec, process, pidFile);
      }
    } catch (RecountException e) {
      died(spec, process, e.getMessage());
    } finally {
      lock.get().close();
    }
  }

  private void launch(ProcessSpec spec, Watched process, PidFile pidFile) {
    process.startedNanos = nanos.getAsLong();
    PortCheck.requireFree(List.of(spec));
    process.process = launcher.launch(spec, pidFile);
    process.isDead = false;
    Restarts known = restarts.get(spec.name());
    note(spec, new Restarts(known.count() + 1, known.died(), known.why(), null));
    LOG.info("{} is started again as process {}", spec.name(), process.process.pid());
  }

  private void note(ProcessSpec spec, Restarts of) {
    restarts.put(spec.name(), of);
    try {
      file.write(restarts);
    } catch (RecountException e) {
      // Whoever looks learns less; the process is started again all the same.
      LOG.warn("Cannot tell that {} ended: {}", spec.name(), e.getMessage());
    }
  }
}
