package dev.recount.infra.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * Remembers a process across commands. The process id is kept with the process's start time, so
 * that a recycled id is never taken for ours.
 */
final class PidFile {
  /** Operating systems round start times differently from call to call. */
  private static final Duration SAME_START = Duration.ofMillis(50);

  private final Path file;

  PidFile(Path runFolder, String name) {
    this.file = runFolder.resolve(name + ".pid");
  }

  void write(ProcessHandle process) {
    String started = process.info().startInstant().map(Instant::toString).orElse("");
    HomeFolder.write(file, process.pid() + "\n" + started + "\n");
  }

  /** Whether a process should run: one that was stopped has none, one that died has. */
  boolean exists() {
    return Files.exists(file);
  }

  /** The process, if it still runs. */
  Optional<ProcessHandle> process() {
    try {
      List<String> lines = Files.readAllLines(file);
      if (lines.isEmpty()) {
        return Optional.empty();
      }
      String started = lines.size() > 1 ? lines.get(1).strip() : "";
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .filter(PidFile::isRunning)
          .filter(process -> startedAt(process, started));
    } catch (NoSuchFileException | NumberFormatException | DateTimeParseException e) {
      // What was damaged by hand or by a full disk names no process.
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A process that ended, but whose parent never asked for its exit code, is still listed. */
  private static boolean isRunning(ProcessHandle process) {
    return process.isAlive() && !isZombie(process.pid());
  }

  private static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      // No such process, or a system without /proc, whose own word is then enough.
      return false;
    }
  }

  private static boolean startedAt(ProcessHandle process, String started) {
    if (started.isEmpty()) {
      return true;
    }
    return process
        .info()
        .startInstant()
        .map(s -> Duration.between(Instant.parse(started), s).abs().compareTo(SAME_START) < 0)
        .orElse(false);
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
