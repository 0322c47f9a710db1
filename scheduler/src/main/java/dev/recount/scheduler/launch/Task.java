package dev.recount.scheduler.launch;

import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command that is done when it is wanted: at once, or after the one that is under way. */
public final class Task {
  private static final Logger LOG = LoggerFactory.getLogger(Task.class);

  private final Command command;
  private volatile boolean isWanted;
  private volatile String problem;

  public Task(Command command) {
    this.command = command;
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
                  .formatted(command.text(), ended.getAsInt(), command.log());
      LOG.info("'{}' ended with exit code {}", command.text(), ended.getAsInt());
    }
    if (isWanted && !command.isUnderWay()) {
      LOG.info("Starting '{}'", command.text());
      isWanted = false;
      command.start();
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
