package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What the archive of one event holds, read from the files alone.
 *
 * <p>Every call looks again, so an instance may be kept; footers, which never change, are read
 * once. Thread-safe. Every method throws {@link RecountException} ARCHIVE_UNAVAILABLE if the file
 * system does not answer.
 */
public final class Archive {
  /** How often a listing is repeated that was taken while files were being committed. */
  private static final int LISTINGS = 3;

  private final String event;
  private final ArchiveLayout layout;
  private final FileSystem files;
  private final ArchiveFooters footers;
  private final Map<Path, ArchiveFile> known = new ConcurrentHashMap<>();

  private Archive(String event, ArchiveLayout layout, FileSystem files, Configuration hadoop) {
    this.event = event;
    this.layout = layout;
    this.files = files;
    this.footers = new ArchiveFooters(hadoop);
  }

  /** Opens the archive of an event, which need not hold anything yet. */
  public static Archive open(URI root, String event, Configuration hadoop) {
    ArchiveLayout layout = new ArchiveLayout(new Path(root), event);
    try {
      return new Archive(event, layout, layout.folder().getFileSystem(hadoop), hadoop);
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_UNAVAILABLE,
          e,
          "Cannot open the archive '%s': %s; see archive.uri",
          root,
          e.getMessage());
    }
  }

  /** The partitions that have at least one file, in order. */
  public SortedSet<Integer> partitions() {
    SortedSet<Integer> partitions = new TreeSet<>();
    list(Optional.empty()).forEach(found -> partitions.add(found.partition()));
    return partitions;
  }

  /**
   * Where the archive of a partition ends: the position of the first record that it does not hold;
   * 0 if it holds nothing.
   */
  public long nextPosition(int partition) {
    return last(partition).map(this::read).map(ArchiveFile::nextPosition).orElse(0L);
  }

  /** The id of the topic that the newest records of a partition are from, if it is known. */
  Optional<String> topicId(int partition) {
    return last(partition).flatMap(found -> footers.topicId(found.status()));
  }

  private Optional<Found> last(int partition) {
    return list(Optional.of(partition)).stream()
        .max(Comparator.comparingLong(Found::firstPosition));
  }

  /**
   * All committed files, by partition and position.
   *
   * @throws RecountException ARCHIVE_CORRUPT if a file is missing or overlaps another
   */
  public List<ArchiveFile> files() {
    List<ArchiveFile> all = unchecked();
    for (int i = 1; i < LISTINGS && ArchiveChain.firstProblem(all).isPresent(); i++) {
      all = unchecked();
    }
    Optional<String> problem = ArchiveChain.firstProblem(all);
    if (problem.isPresent()) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_CORRUPT,
          "Cannot read the archive of event '%s': %s; run 'recount audit archive' for "
              + "every problem, and put back what was removed",
          event,
          problem.get());
    }
    return all;
  }

  /** The files that hold at least one row that arrived before the moment (milliseconds UTC). */
  public List<ArchiveFile> filesBefore(long arrivalMs) {
    return files().stream()
        .filter(file -> file.records() > 0 && file.minArrivalMs() < arrivalMs)
        .toList();
  }

  /** All committed files, by partition and position, whether they form a chain or not. */
  List<ArchiveFile> unchecked() {
    return list(Optional.empty()).parallelStream()
        .map(this::read)
        .sorted(
            Comparator.comparingInt(ArchiveFile::partition)
                .thenComparingLong(ArchiveFile::firstPosition)
                .thenComparing(ArchiveFile::path))
        .toList();
  }

  private ArchiveFile read(Found found) {
    return known.computeIfAbsent(
        found.status().getPath(),
        path -> footers.read(found.status(), found.partition(), found.firstPosition()));
  }

  private record Found(FileStatus status, int partition, long firstPosition) {}

  private List<Found> list(Optional<Integer> partition) {
    List<Found> found = new ArrayList<>();
    try {
      for (FileStatus date : children(layout.folder())) {
        if (!ArchiveLayout.isDate(date.getPath())) {
          continue;
        }
        for (FileStatus folder : children(date.getPath())) {
          int number = (int) ArchiveLayout.partition(folder.getPath()).orElse(-1);
          if (number >= 0 && partition.map(p -> p == number).orElse(true)) {
            addFiles(folder.getPath(), number, found);
          }
        }
      }
      return found;
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_UNAVAILABLE,
          e,
          "Cannot list the archive '%s': %s",
          layout.folder(),
          e.getMessage());
    }
  }

  private void addFiles(Path folder, int partition, List<Found> found) throws IOException {
    for (FileStatus file : children(folder)) {
      ArchiveLayout.firstPosition(file.getPath())
          .ifPresent(position -> found.add(new Found(file, partition, position)));
    }
  }

  private FileStatus[] children(Path folder) throws IOException {
    try {
      return files.listStatus(folder);
    } catch (java.io.FileNotFoundException e) {
      return new FileStatus[0];
    }
  }
}
