package dev.recount.batch.archive;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.FileNotFoundException;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * What the archive of one event holds, read from the files alone.
 *
 * <p>Every call looks again, so an instance may be kept; a footer is read once in the file's life
 * where there is a catalog to keep what it says. Thread-safe. Every method throws {@link
 * RecountException} ARCHIVE_UNAVAILABLE if the file system does not answer.
 */
public final class Archive {
  /** How often a listing is repeated that was taken while files were being committed. */
  private static final int LISTINGS = 3;

  /** How many of the newest days are looked at for the end of a partition. */
  private static final int NEWEST_DAYS = 2;

  /** How often all days are looked at for it, since the clocks of brokers may go back. */
  private static final Duration ALL_DAYS = Duration.ofSeconds(30);

  private final String event;
  private final ArchiveLayout layout;
  private final ArchiveListing listing;
  private final ArchiveFooters footers;
  private final Optional<ArchiveIndex> index;
  private final Map<String, ArchiveFile> known = new ConcurrentHashMap<>();
  private final Map<Integer, End> ends = new ConcurrentHashMap<>();
  private boolean isIndexLoaded;

  private Archive(URI root, String event, Configuration hadoop, Optional<ArchiveIndex> index) {
    this.event = event;
    this.layout = new ArchiveLayout(new Path(root), event);
    this.listing = new ArchiveListing(layout, hadoop);
    this.footers = new ArchiveFooters(hadoop);
    this.index = index;
  }

  /** Opens the archive of an event, which need not hold anything yet; reads every footer itself. */
  public static Archive open(URI root, String event, Configuration hadoop) {
    return new Archive(root, event, hadoop, Optional.empty());
  }

  /** Opens the archive of an event; what its footers say is kept in the catalog. */
  public static Archive open(
      RecountConfig config, Catalog catalog, String event, Configuration hadoop) {
    return new Archive(
        config.archive().uri(),
        event,
        hadoop,
        Optional.of(new ArchiveIndex(catalog.archive(), event)));
  }

  ArchiveLayout layout() {
    return layout;
  }

  /** What the file system's clock shows. */
  long fileSystemNowMs() {
    return listing.nowMs();
  }

  /**
   * Whether a file that begins at the position, and was just committed, does not count: its writer
   * was so slow that others had archived the same records, and their files were rewritten and
   * removed, before it had finished.
   *
   * @param today what day it is
   */
  boolean isTooLate(LocalDate date, int partition, long firstPosition, LocalDate today) {
    List<Path> dates =
        listing.dates().stream()
            .filter(
                folder ->
                    date.isBefore(today.minusDays(1))
                        || ArchiveLayout.dateOf(folder.getName()).equals(date))
            .toList();
    return listing.files(dates, p -> p == partition).stream()
        .map(ListedFile::name)
        .filter(ArchiveLayout.Name::isRewritten)
        .anyMatch(
            name -> name.firstPosition() <= firstPosition && firstPosition < name.nextPosition());
  }

  /** The partitions that have at least one file, in order. */
  public SortedSet<Integer> partitions() {
    SortedSet<Integer> partitions = new TreeSet<>();
    listing.files(any -> true).forEach(found -> partitions.add(found.partition()));
    return partitions;
  }

  /**
   * Where a partition ended when it was last looked at.
   *
   * @param known -1 where there is no file
   */
  private record End(long next, Optional<Path> date, Deadline allDays) {}

  /**
   * Where the archive of a partition ends: the position of the first record that it does not hold;
   * 0 if it holds nothing. Cheap enough to be asked again and again: most days are looked at only
   * now and then, so that a file which an older day gets meanwhile is seen a little later.
   */
  public long nextPosition(int partition) {
    End before = ends.get(partition);
    if (before == null || before.allDays().isExpired()) {
      return end(partition);
    }
    List<Path> dates = listing.dates();
    List<Path> newest = dates.subList(Math.max(0, dates.size() - NEWEST_DAYS), dates.size());
    List<Path> looked = new ArrayList<>(newest);
    before.date().filter(date -> !newest.contains(date)).ifPresent(looked::add);
    End now = endIn(looked, partition, before.allDays());
    if (now.next() <= before.next()) {
      return before.next();
    }
    ends.put(partition, now);
    return now.next();
  }

  /** Like {@link #nextPosition}, by a look at all days. */
  long end(int partition) {
    End end = endIn(listing.dates(), partition, Deadline.after(ALL_DAYS));
    ends.put(partition, end);
    return end.next();
  }

  private End endIn(List<Path> dates, int partition, Deadline allDays) {
    for (int i = 1; ; i++) {
      Optional<ListedFile> last = last(listing.files(dates, p -> p == partition));
      try {
        return new End(
            last.map(this::read).map(ArchiveFile::nextPosition).orElse(0L),
            last.map(file -> file.status().getPath().getParent().getParent()),
            allDays);
      } catch (RecountException e) {
        if (i == LISTINGS || !isGone(e)) {
          throw e;
        }
      }
    }
  }

  /** The id of the topic that the newest records of a partition are from, if it is known. */
  Optional<String> topicId(int partition) {
    return last(listing.files(p -> p == partition))
        .map(found -> read(found).topicId())
        .filter(id -> !id.isEmpty());
  }

  private static Optional<ListedFile> last(List<ListedFile> files) {
    return ArchiveChain.split(files).counting().stream()
        .max(Comparator.comparingLong(file -> file.name().firstPosition()));
  }

  /**
   * The files that count, by partition and position.
   *
   * @throws RecountException ARCHIVE_CORRUPT if a file is missing or overlaps another
   */
  public List<ArchiveFile> files() {
    Contents contents = contents();
    Optional<String> problem = ArchiveChain.firstProblem(contents.files());
    if (problem.isPresent()) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_CORRUPT,
          "Cannot read the archive of event '%s': %s; run 'recount audit archive' for "
              + "every problem, and put back what was removed",
          event,
          problem.get());
    }
    return contents.files();
  }

  /** The files that hold at least one row that arrived before the moment (milliseconds UTC). */
  public List<ArchiveFile> filesBefore(long arrivalMs) {
    return files().stream()
        .filter(file -> file.records() > 0 && file.minArrivalMs() < arrivalMs)
        .toList();
  }

  /**
   * What is committed, by partition and position.
   *
   * @param files those that count, whether they form a chain or not
   * @param superseded those that others have taken the place of
   */
  record Contents(List<ArchiveFile> files, List<ListedFile> superseded) {}

  /** Looks at everything; again where the look was taken while files were changing. */
  Contents contents() {
    for (int i = 1; ; i++) {
      try {
        ArchiveChain.Split split = ArchiveChain.split(listing.files(any -> true));
        List<ArchiveFile> files = read(split.counting());
        if (i == LISTINGS || ArchiveChain.firstProblem(files).isEmpty()) {
          return new Contents(files, Collections.unmodifiableList(split.superseded()));
        }
      } catch (RecountException e) {
        if (i == LISTINGS || !isGone(e)) {
          throw e;
        }
      }
    }
  }

  private static boolean isGone(RecountException e) {
    return e.getCause() instanceof FileNotFoundException;
  }

  private List<ArchiveFile> read(List<ListedFile> found) {
    loadIndex();
    Set<String> changed =
        found.stream()
            .filter(file -> !isKnown(file))
            .map(ListedFile::folder)
            .collect(Collectors.toSet());
    List<ArchiveFile> files = found.parallelStream().map(this::read).toList();
    if (!changed.isEmpty()) {
      index.ifPresent(i -> i.save(files, changed));
    }
    known.keySet().retainAll(files.stream().map(ArchiveFile::path).collect(Collectors.toSet()));
    return files;
  }

  private synchronized void loadIndex() {
    if (!isIndexLoaded && index.isPresent()) {
      known.putAll(index.get().load(listing.folder().toString()));
    }
    isIndexLoaded = true;
  }

  private boolean isKnown(ListedFile found) {
    ArchiveFile file = known.get(found.path());
    return file != null && found.isOf(file);
  }

  private ArchiveFile read(ListedFile found) {
    ArchiveFile file = known.get(found.path());
    if (file == null || !found.isOf(file)) {
      file = footers.read(found.status(), found.partition(), found.name());
      known.put(found.path(), file);
    }
    return file;
  }
}
