package dev.recount.batch.run;

import dev.recount.core.cli.CommandLogFile;
import dev.recount.core.cli.CommandLogger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The log of one run, {@code logs/runs/<run>.log} in the home: what the run says, and what its
 * process logs meanwhile. A run goes on if no file can be written there.
 */
public final class RunLog implements AutoCloseable {
  private static final String RUN = "run";

  private final Path file;
  private final Clock clock;

  /**
   * @param file null if none can be written
   */
  private RunLog(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
    if (file != null) {
      CommandLogFile.alsoTo(file);
    }
  }

  /** Where the logs of runs are. */
  public static Path folder(Path logs) {
    return logs.resolve("runs");
  }

  static RunLog open(Path logs, String runId, Clock clock) {
    Path file = folder(logs).resolve(runId + ".log");
    try {
      Files.createDirectories(file.getParent());
      Files.createFile(file);
      return new RunLog(file, clock);
    } catch (IOException e) {
      LoggerFactory.getLogger(RunLog.class).warn("Cannot write '{}': {}", file, e.toString());
      return new RunLog(null, clock);
    }
  }

  public void say(String sentence) {
    append(Level.INFO, sentence, null);
  }

  public void failed(String sentence, Throwable cause) {
    append(Level.ERROR, sentence, cause);
  }

  private void append(Level level, String sentence, Throwable cause) {
    if (file != null) {
      CommandLogFile.append(
          file, CommandLogger.lines(clock.instant(), level, RUN, sentence, cause));
    }
  }

  @Override
  public void close() {
    if (file != null) {
      CommandLogFile.noMoreTo(file);
    }
  }
}
