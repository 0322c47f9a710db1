package dev.recount.infra.stack;

import dev.recount.core.Deadline;
import dev.recount.core.config.Home;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** Only one command at a time starts processes of a home; another one waits for it. */
final class StackLock implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration POLL = Duration.ofMillis(100);

  private final FileChannel channel;

  private StackLock(FileChannel channel) {
    this.channel = channel;
  }

  static StackLock take(Home home) {
    try {
      FileChannel channel = open(home);
      if (!Deadline.after(PATIENCE).await(POLL, () -> isTaken(channel))) {
        channel.close();
        throw RecountException.of(
            ErrorCode.STACK_START_FAILED,
            "Cannot start the stack: another command has been starting it for %s (lock '%s')",
            PATIENCE,
            file(home));
      }
      return new StackLock(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes it if nobody holds it now. */
  static Optional<StackLock> tryTake(Home home) {
    try {
      FileChannel channel = open(home);
      if (isTaken(channel)) {
        return Optional.of(new StackLock(channel));
      }
      channel.close();
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FileChannel open(Home home) throws IOException {
    Files.createDirectories(home.run());
    return FileChannel.open(file(home), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static Path file(Home home) {
    return home.run().resolve("start.lock");
  }

  private static boolean isTaken(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
