package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * How a file appears under its final name on one kind of file system, so that exactly one of
 * several writers succeeds. Each kind was tried with racing writers; most calls that look right let
 * both win, so a file system that is not listed here is refused.
 */
public sealed interface ArchiveStore permits LocalArchiveStore, HdfsArchiveStore {
  /**
   * @throws RecountException CONFIG_INVALID if the scheme is not supported, ARCHIVE_UNAVAILABLE
   */
  static ArchiveStore of(URI root, Configuration hadoop) {
    String scheme = root.getScheme() == null ? "" : root.getScheme();
    switch (scheme) {
      case "file":
        return new LocalArchiveStore();
      case "hdfs":
        return HdfsArchiveStore.connect(root, hadoop);
      default:
        throw new RecountException(
            ErrorCode.CONFIG_INVALID,
            "Cannot keep the archive at '"
                + root
                + "': there is no safe commit for the scheme '"
                + scheme
                + "'; set archive.uri to file:///... or hdfs://...");
    }
  }

  /** Begins a file that will be {@code committed} once it is finished. */
  PendingFile create(Path temporary, Path committed) throws IOException;

  /**
   * Removes a committed file, and its folder if that was the last one.
   *
   * @return whether it was there
   */
  boolean remove(Path committed) throws IOException;

  /** Removes what a writer left in the folder that was last touched before the moment. */
  int removeOlder(Path writingFolder, Instant before) throws IOException;
}
