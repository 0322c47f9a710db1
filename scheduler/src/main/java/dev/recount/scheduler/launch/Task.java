package dev.recount.scheduler.launch;

import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command that is done when it is wanted: at once, or after the one that is under way. */
public final class Task {
  private static final Logger LOG = LoggerFactory.getLogger(Task.class);

  private final Command command;
  private final Path log;
  private volatile boolean isWanted;
  private volatile String problem;

  /**
   * @param log of the last time; the one before is kept beside it
   */
  public Task(Command command, Path log) {
    this.command = command;
    this.log = log;
  }

  /** Has it done; may be called from any thread. */
  public void want() {
    isWanted = true;
  }

  /**
   * Notes how the last one ended, and starts the next if it is wanted.
   *
   * @throws RecountException COMMAND_FAILED
   */
  public void turn() {
    OptionalInt ended = command.ended();
    if (ended.isPresent()) {
      problem =
          ended.getAsInt() == 0
              ? null
              : "'%s' ended with exit code %d; its log is '%s'"
                  .formatted(command.text(), ended.getAsInt(), log);
      LOG.info("'{}' ended with exit code {}", command.text(), ended.getAsInt());
    }
    if (isWanted && !command.isUnderWay()) {
      keepPreviousLog();
      LOG.info("Starting '{}'", command.text());
      isWanted = false;
      command.start(log);
    }
  }

  private void keepPreviousLog() {
    String name = log.getFileName().toString().replace(".log", ".previous.log");
    try {
      if (Files.exists(log)) {
        Files.move(log, log.resolveSibling(name), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw FileErrors.cannot("keep the log", log, e);
    }
  }

  /** Why the last one failed; empty if it did not. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Ends what is under way. */
  public void end(Duration patience) throws InterruptedException {
    command.end(patience);
  }
}
