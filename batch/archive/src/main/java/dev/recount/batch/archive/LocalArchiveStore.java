package dev.recount.batch.archive;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local disk: a hard link is the one call that refuses a name that exists, whoever races for
 * it. (Renames replace, and {@code CREATE_NEW} shows a file before it is whole.) File and folder
 * are forced to the disk, so that a commit outlives a loss of power.
 */
final class LocalArchiveStore implements ArchiveStore {
  private static final Logger LOG = LoggerFactory.getLogger(LocalArchiveStore.class);
  private static final int BUFFER_BYTES = 1 << 16;

  @Override
  public PendingFile create(
      org.apache.hadoop.fs.Path temporary, org.apache.hadoop.fs.Path committed) {
    return new Pending(local(temporary), local(committed));
  }

  @Override
  public boolean remove(org.apache.hadoop.fs.Path committed) throws IOException {
    Path file = local(committed);
    boolean removed = Files.deleteIfExists(file);
    removeIfEmpty(file.getParent());
    removeIfEmpty(file.getParent().getParent());
    return removed;
  }

  private static void removeIfEmpty(Path folder) throws IOException {
    try {
      Files.delete(folder);
    } catch (DirectoryNotEmptyException | NoSuchFileException e) {
      LOG.debug("'{}' stays: {}", folder, e.toString());
    }
  }

  @Override
  public int removeOlder(org.apache.hadoop.fs.Path writingFolder, Instant before)
      throws IOException {
    int removed = 0;
    for (Path file : children(local(writingFolder))) {
      if (Files.getLastModifiedTime(file).toInstant().isBefore(before)
          && Files.deleteIfExists(file)) {
        removed++;
      }
    }
    return removed;
  }

  private static List<Path> children(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static Path local(org.apache.hadoop.fs.Path path) {
    return Path.of(path.toUri().getPath());
  }

  private static void force(Path fileOrFolder) throws IOException {
    try (FileChannel channel = FileChannel.open(fileOrFolder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static final class Pending extends PendingFile {
    private final Path temporary;
    private final Path committed;
    private PositionOutputStream stream;

    Pending(Path temporary, Path committed) {
      this.temporary = temporary;
      this.committed = committed;
    }

    @Override
    PositionOutputStream open() throws IOException {
      Files.createDirectories(temporary.getParent());
      stream = new LocalOutputFile(temporary).create(BUFFER_BYTES);
      return stream;
    }

    @Override
    Outcome commit() throws IOException {
      force(temporary);
      Files.createDirectories(committed.getParent());
      try {
        Files.createLink(committed, temporary);
      } catch (FileAlreadyExistsException e) {
        Files.deleteIfExists(temporary);
        return Outcome.LOST;
      }
      force(committed.getParent());
      Files.deleteIfExists(temporary);
      return Outcome.DONE;
    }

    @Override
    void discard() {
      try {
        try {
          if (stream != null) {
            // It writes what it holds back, which a full disk refuses again.
            stream.close();
          }
        } finally {
          Files.deleteIfExists(temporary);
        }
      } catch (IOException e) {
        LOG.warn("Cannot remove '{}': {}; it will be removed later", temporary, e.toString());
      }
    }

    @Override
    public String getPath() {
      return temporary.toString();
    }
  }
}
