package dev.recount.scheduler.launch;

import dev.recount.error.FileErrors;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;

/** The log of each run: {@code <run>.log} in a folder, and another name until the run has one. */
final class RunLogs {
  private static final String NEXT = "next.log";

  private final Path folder;

  RunLogs(Path folder) {
    this.folder = folder;
  }

  /** Where a run writes that has no name yet. */
  Path next() {
    return folder.resolve(NEXT);
  }

  Path of(String runId) {
    return folder.resolve(runId + ".log");
  }

  /** Forgets what a run without a name has written. */
  void clear() {
    try {
      Files.deleteIfExists(next());
    } catch (IOException e) {
      throw FileErrors.cannot("remove", next(), e);
    }
  }

  /** Gives the log its name; what the process still writes follows it. */
  void name(String runId) {
    try {
      Files.move(next(), of(runId), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw FileErrors.cannot("rename the log", next(), e);
    }
  }

  /** Removes the logs of runs that ended long ago. */
  void prune(Instant now, Duration keep) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder, "*.log")) {
      for (Path log : logs) {
        if (Files.getLastModifiedTime(log).toInstant().isBefore(now.minus(keep))) {
          Files.delete(log);
        }
      }
    } catch (IOException e) {
      throw FileErrors.cannot("remove old logs in", folder, e);
    }
  }
}
