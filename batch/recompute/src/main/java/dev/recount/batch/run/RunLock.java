package dev.recount.batch.run;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Lets one run at a time pass in a home; the system frees it when its process ends, however. */
final class RunLock implements AutoCloseable {
  private final FileChannel channel;

  private RunLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws RecountException BATCH_ALREADY_RUNNING
   */
  static RunLock take(Path file) {
    FileChannel channel = null;
    try {
      Files.createDirectories(file.getParent());
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        return new RunLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process: the same answer as for another one.
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED, e, "Cannot lock '%s': %s", file, e.getMessage());
    }
    closeQuietly(channel);
    throw RecountException.of(
        ErrorCode.BATCH_ALREADY_RUNNING,
        "Cannot start a batch run: another run holds '%s'; wait until it ends (recount "
            + "status shows it)",
        file);
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED, e, "Cannot close the lock of batch runs: %s", e.getMessage());
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }
}
