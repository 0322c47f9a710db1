package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.IntPredicate;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Looks which files an event's archive has. */
final class ArchiveListing {
  private static final long LOCAL_BLOCK_BYTES = 32L << 20;

  private final ArchiveLayout layout;
  private final FileSystem files;

  /**
   * @throws RecountException ARCHIVE_UNAVAILABLE
   */
  ArchiveListing(ArchiveLayout layout, Configuration hadoop) {
    this.layout = layout;
    try {
      this.files = layout.folder().getFileSystem(hadoop);
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_UNAVAILABLE,
          e,
          "Cannot open the archive '%s': %s; see archive.uri",
          layout.folder(),
          e.getMessage());
    }
  }

  /** The event's folder, with scheme and host as its files have them. */
  Path folder() {
    return files.makeQualified(layout.folder());
  }

  /** The folders of all days, oldest first. */
  List<Path> dates() {
    try {
      return Arrays.stream(children(layout.folder()))
          .map(FileStatus::getPath)
          .filter(ArchiveLayout::isDate)
          .sorted(Comparator.comparing(Path::getName))
          .toList();
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  /** The files of the partitions in all folders. */
  List<ListedFile> files(IntPredicate partitions) {
    return files(dates(), partitions);
  }

  /** The files of the partitions in some days' folders. */
  List<ListedFile> files(List<Path> dates, IntPredicate partitions) {
    try {
      return dates.parallelStream()
          .flatMap(date -> filesOfDate(date, partitions).stream())
          .toList();
    } catch (UncheckedIOException e) {
      throw unavailable(e.getCause());
    }
  }

  private List<ListedFile> filesOfDate(Path date, IntPredicate partitions) {
    List<ListedFile> found = new ArrayList<>();
    try {
      for (FileStatus folder : children(date)) {
        int partition = (int) ArchiveLayout.partition(folder.getPath()).orElse(-1);
        if (partition >= 0 && partitions.test(partition)) {
          for (FileStatus file : children(folder.getPath())) {
            ArchiveLayout.nameOf(file.getPath().getName())
                .ifPresent(name -> found.add(new ListedFile(file, partition, name)));
          }
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the file system's clock shows, by which it says when files were written. */
  long nowMs() {
    Path probe = layout.temporaryRewrite(UUID.randomUUID() + ".now");
    try {
      files.create(probe, true).close();
      try {
        return files.getFileStatus(probe).getModificationTime();
      } finally {
        files.delete(probe, false);
      }
    } catch (IOException e) {
      throw unavailable(e);
    }
  }

  private FileStatus[] children(Path folder) throws IOException {
    try {
      return files instanceof LocalFileSystem ? local(folder) : files.listStatus(folder);
    } catch (FileNotFoundException | NoSuchFileException e) {
      return new FileStatus[0];
    }
  }

  /** Hadoop asks the disk several times for each file. */
  private static FileStatus[] local(Path folder) throws IOException {
    List<FileStatus> found = new ArrayList<>();
    try (DirectoryStream<java.nio.file.Path> all =
        Files.newDirectoryStream(java.nio.file.Path.of(folder.toUri().getPath()))) {
      for (java.nio.file.Path child : all) {
        addLocal(folder, child, found);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found.toArray(new FileStatus[0]);
  }

  private static void addLocal(Path folder, java.nio.file.Path child, List<FileStatus> found)
      throws IOException {
    try {
      BasicFileAttributes facts = Files.readAttributes(child, BasicFileAttributes.class);
      found.add(
          new FileStatus(
              facts.size(),
              facts.isDirectory(),
              1,
              LOCAL_BLOCK_BYTES,
              facts.lastModifiedTime().toMillis(),
              new Path(folder, new Path(null, null, child.getFileName().toString()))));
    } catch (NoSuchFileException e) {
      // It went between the two looks.
    }
  }

  private RecountException unavailable(IOException e) {
    return RecountException.of(
        ErrorCode.ARCHIVE_UNAVAILABLE,
        e,
        "Cannot list the archive '%s': %s",
        layout.folder(),
        e.getMessage());
  }
}
