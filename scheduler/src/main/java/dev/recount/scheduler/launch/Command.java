package dev.recount.scheduler.launch;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A command that runs as a process of its own, one at a time. */
public final class Command {
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(2);

  private final Launcher launcher;
  private final Path log;
  private final List<String> words;
  private Process process;

  /**
   * A command that does not run yet.
   *
   * @param log the output of the last one; that of the one before is kept beside it
   * @param words what follows {@code recount}
   */
  public Command(Launcher launcher, Path log, String... words) {
    this.launcher = launcher;
    this.log = log;
    this.words = List.of(words);
  }

  /** As a user would type it. */
  public String text() {
    return "recount " + String.join(" ", words);
  }

  /** Where its output is. */
  public Path log() {
    return log;
  }

  /**
   * Starts the process.
   *
   * @throws RecountException COMMAND_FAILED
   */
  public synchronized void start() {
    if (process != null) {
      throw new IllegalStateException(text() + " has not ended yet");
    }
    try {
      Files.createDirectories(log.getParent());
      keepPreviousLog();
      process = launcher.start(words, log);
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.COMMAND_FAILED, e, "Cannot start '%s': %s", text(), e.getMessage());
    }
  }

  private void keepPreviousLog() throws IOException {
    if (Files.exists(log)) {
      String name = log.getFileName().toString().replace(".log", ".previous.log");
      Files.move(log, log.resolveSibling(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Whether it was started, and {@link #ended} has not yet said how it ended. */
  public synchronized boolean isUnderWay() {
    return process != null;
  }

  /** The id of the process that is under way. */
  public synchronized Optional<Long> pid() {
    return Optional.ofNullable(process).map(Process::pid);
  }

  /** Whether {@link #ended} would say how it ended. */
  public synchronized boolean hasEnded() {
    return process != null && !process.isAlive();
  }

  /** The exit code of a process that has ended; said once, and then another may be started. */
  public synchronized OptionalInt ended() {
    if (process == null || process.isAlive()) {
      return OptionalInt.empty();
    }
    int code = process.exitValue();
    process = null;
    return OptionalInt.of(code);
  }

  /** Asks the process to end, and makes it if it takes longer. */
  public void end(Duration patience) throws InterruptedException {
    Process running;
    synchronized (this) {
      running = process;
    }
    if (running == null) {
      return;
    }
    running.destroy();
    if (!running.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      running.destroyForcibly();
      running.waitFor(KILL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
  }
}
