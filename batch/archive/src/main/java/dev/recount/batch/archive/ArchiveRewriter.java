package dev.recount.batch.archive;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.process.ThisProcess;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts rewritten files in the place of others, and removes those. One process at a time does so for
 * an event: it holds a lease, and what another left half written is removed before the archive is
 * listed. One that lost its lease cannot commit any more: it asks for the lease before, and after
 * that the file that it would commit is gone. So each file that is committed holds just what files
 * that counted held, and a file that is superseded stays so, whatever happens later.
 */
public final class ArchiveRewriter implements AutoCloseable {
  /** What was just done, and is now seen by all. */
  public enum Step {
    /** A file is written and not committed. */
    WRITTEN,
    /** It counts, and what it took the place of does not. */
    COMMITTED,
    /** A superseded file is gone. */
    REMOVED
  }

  private static final Logger LOG = LoggerFactory.getLogger(ArchiveRewriter.class);
  private static final Duration POLL = Duration.ofMillis(200);

  /**
   * How long silent readers are watched: after a catalog was away all of them were silent, and
   * those that live report again within this time.
   */
  private static final Duration WATCH = Duration.ofSeconds(3);

  private static final Instant ANY_AGE = Instant.ofEpochMilli(Long.MAX_VALUE);

  private final String event;
  private final Catalog catalog;
  private final HeldLease lease;
  private final Archive archive;
  private final ArchiveStore store;
  private final RewrittenFiles files;
  private final Clock clock;
  private final Consumer<Step> steps;

  private ArchiveRewriter(
      RecountConfig config,
      Catalog catalog,
      String event,
      HeldLease lease,
      Clock clock,
      Consumer<Step> steps) {
    Configuration hadoop = new Configuration();
    this.event = event;
    this.catalog = catalog;
    this.lease = lease;
    this.archive = Archive.open(config, catalog, event, hadoop);
    this.store = ArchiveStore.of(config.archive().uri(), hadoop);
    this.files = new RewrittenFiles(store, archive.layout(), hadoop, holder());
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * Begins to rewrite files of an event, alone.
   *
   * @param steps told of each step after it is done
   * @return empty if another process does so
   */
  public static Optional<ArchiveRewriter> begin(
      RecountConfig config, Catalog catalog, String event, Clock clock, Consumer<Step> steps) {
    Optional<HeldLease> lease =
        HeldLease.take(catalog.leases(), leaseOf(event), holder() + "/" + UUID.randomUUID());
    if (lease.isEmpty()) {
      return Optional.empty();
    }
    try {
      ArchiveRewriter rewriter =
          new ArchiveRewriter(config, catalog, event, lease.get(), clock, steps);
      rewriter.takeOver();
      return Optional.of(rewriter);
    } catch (RecountException e) {
      lease.get().close();
      throw e;
    }
  }

  /** Like {@link #begin}, after waiting until nobody else does so. */
  public static ArchiveRewriter await(
      RecountConfig config,
      Catalog catalog,
      String event,
      Clock clock,
      Consumer<Step> steps,
      Consumer<String> say) {
    boolean isSaid = false;
    while (true) {
      Optional<ArchiveRewriter> begun = begin(config, catalog, event, clock, steps);
      if (begun.isPresent()) {
        return begun.get();
      }
      if (!isSaid) {
        catalog
            .leases()
            .find(leaseOf(event))
            .ifPresent(
                lease ->
                    say.accept(
                        event + ": waiting for " + lease.holder() + ", which rewrites its files"));
        isSaid = true;
      }
      Deadline.after(POLL).pause(POLL);
    }
  }

  /** What whoever rewrites or removes an event's files holds. */
  public static String leaseOf(String event) {
    return "compaction/" + event;
  }

  /** This process, as others see it. */
  static String holder() {
    return ThisProcess.host() + "/" + ThisProcess.id();
  }

  /** Who runs this process. */
  public static String user() {
    return System.getProperty("user.name") + "@" + ThisProcess.host();
  }

  private void takeOver() {
    try {
      int removed = store.removeOlder(archive.layout().rewriting(), ANY_AGE);
      if (removed > 0) {
        LOG.info("{}: removed {} files that were never finished", event, removed);
      }
    } catch (IOException e) {
      throw failed("clean up after a process that ended", e);
    }
    endErasures();
  }

  /** A run may have counted files that an erasure rewrote afterwards, before it ended too early. */
  private void endErasures() {
    if (catalog.archive().isErasing(event)) {
      StaleViews views = new StaleViews(catalog);
      views.requireFull(event, "an erasure of events of '" + event + "' ended before its time");
      views.requestFull(event);
      catalog.archive().noneIsErasing(event, clock.millis());
    }
  }

  private RecountException failed(String what, IOException e) {
    return RecountException.of(
        ErrorCode.ARCHIVE_UNAVAILABLE,
        e,
        "Cannot %s in the archive of event '%s': %s",
        what,
        event,
        e.getMessage());
  }

  public String event() {
    return event;
  }

  /** The files that count now. */
  public List<ArchiveFile> files() {
    return archive.files();
  }

  /**
   * Puts one file in the place of others that follow each other, were written with the same schema,
   * are of one topic and lie in one day's folder.
   *
   * @param erased offsets of rows that it leaves out, ascending
   * @throws RecountException BATCH_FAILED if the lease was lost; nothing was changed then
   */
  public void replace(List<ArchiveFile> old, long... erased) {
    commit(old, (pending, name) -> files.write(old, erased, name, pending));
  }

  /**
   * Puts a file without rows in the place of all files of a partition up to one: what they held is
   * too old.
   */
  void expire(List<ArchiveFile> old) {
    commit(old, (pending, name) -> files.writeExpired(old, pending));
  }

  private interface Writing {
    void to(PendingFile pending, ArchiveLayout.Name name) throws IOException;
  }

  private void commit(List<ArchiveFile> old, Writing writing) {
    ArchiveFile first = old.get(0);
    ArchiveFile last = old.get(old.size() - 1);
    LocalDate date = last.date();
    ArchiveLayout.Name name =
        new ArchiveLayout.Name(first.firstPosition(), last.nextPosition(), revisionAfter(old));
    PendingFile pending = files.begin(date, first.partition(), name);
    try {
      writing.to(pending, name);
      steps.accept(Step.WRITTEN);
      lease.requireHeld();
      if (pending.commit() == PendingFile.Outcome.LOST) {
        throw RecountException.of(
            ErrorCode.BATCH_FAILED,
            "Cannot put '%s' in its place: there is such a file; run it again",
            archive.layout().rewritten(date, first.partition(), name));
      }
    } catch (IOException e) {
      pending.discard();
      throw failed("rewrite files", e);
    } catch (RuntimeException e) {
      pending.discard();
      throw e;
    }
    steps.accept(Step.COMMITTED);
  }

  /** A file of the same range has a higher one than any before. */
  private static int revisionAfter(List<ArchiveFile> old) {
    return 1
        + old.stream()
            .map(file -> ArchiveLayout.nameOf(file.name()))
            .mapToInt(name -> name.orElseThrow().revision())
            .max()
            .orElseThrow();
  }

  /**
   * What became of superseded files.
   *
   * @param left how many some reader may still hold
   * @param reason why they are left; empty if none are
   */
  public record Removal(int removed, long bytes, int left, String reason) {}

  /**
   * Removes superseded files that no reader holds: none of ours that said so, and no other engine,
   * which has a grace for what it listed.
   *
   * @param patient whether to wait for them, rather than leave the files to another time
   */
  public Removal removeSuperseded(Duration grace, boolean patient, Consumer<String> say) {
    Archive.Contents contents = archive.contents();
    if (contents.superseded().isEmpty()) {
      catalog.archive().allAreGone(event);
      return new Removal(0, 0, 0, "");
    }
    requireChain(contents);
    Set<String> readers = readers();
    Map<Long, List<ListedFile>> byAge = byAge(contents);
    Progressing done = new Progressing();
    long begun = System.nanoTime();
    for (Map.Entry<Long, List<ListedFile>> group : byAge.entrySet()) {
      Duration left = grace.minusMillis(group.getKey()).minusNanos(System.nanoTime() - begun);
      if (!left.isNegative() && !left.isZero()) {
        if (!patient) {
          return done.left(contents, "other engines may read them for " + seconds(left) + " more");
        }
        say.accept(
            event
                + ": waiting "
                + seconds(left)
                + " for other engines that may still read the replaced files (archive.compaction-"
                + "grace, or --grace 0s)");
        Deadline wait = Deadline.after(left);
        wait.await(POLL, wait::isExpired);
      }
      if (!awaitReaders(readers, patient, say)) {
        return done.left(contents, "recount commands that run now may read them");
      }
      remove(group.getValue(), done);
    }
    catalog.archive().allAreGone(event);
    return done.left(contents, "");
  }

  private static String seconds(Duration left) {
    return left.toSeconds() + 1 + " s";
  }

  /** Counts what was removed. */
  private static final class Progressing {
    private int removed;
    private long bytes;

    Removal left(Archive.Contents contents, String reason) {
      return new Removal(
          removed, bytes, reason.isEmpty() ? 0 : contents.superseded().size() - removed, reason);
    }
  }

  private void requireChain(Archive.Contents contents) {
    ArchiveChain.firstProblem(contents.files())
        .ifPresent(
            problem -> {
              throw RecountException.of(
                  ErrorCode.ARCHIVE_CORRUPT,
                  "Cannot remove replaced files of event '%s': %s; run 'recount audit archive'",
                  event,
                  problem);
            });
  }

  private void remove(List<ListedFile> superseded, Progressing done) {
    for (ListedFile file : superseded) {
      try {
        if (store.remove(file.status().getPath())) {
          done.removed++;
          done.bytes += file.status().getLen();
        }
      } catch (IOException e) {
        throw failed("remove '" + file.path() + "'", e);
      }
      steps.accept(Step.REMOVED);
    }
  }

  /** Superseded files by how long ago, in milliseconds, what took their place was written. */
  private Map<Long, List<ListedFile>> byAge(Archive.Contents contents) {
    long nowMs = archive.fileSystemNowMs();
    Map<Integer, NavigableMap<Long, ArchiveFile>> counting =
        contents.files().stream()
            .collect(
                Collectors.groupingBy(
                    ArchiveFile::partition,
                    Collectors.toMap(
                        ArchiveFile::firstPosition, file -> file, (a, b) -> a, TreeMap::new)));
    Map<Long, List<ListedFile>> byAge = new TreeMap<>(Comparator.reverseOrder());
    for (ListedFile file : contents.superseded()) {
      ArchiveFile cover =
          counting.get(file.partition()).floorEntry(file.name().firstPosition()).getValue();
      byAge.computeIfAbsent(nowMs - cover.modifiedMs(), age -> new ArrayList<>()).add(file);
    }
    return byAge;
  }

  /** Whoever of ours may hold a list of files; those that ended without a word are forgotten. */
  private Set<String> readers() {
    Deadline watch = Deadline.after(WATCH);
    watch.await(POLL, () -> silentReaders().isEmpty());
    for (Lease reader : silentReaders()) {
      if (catalog.leases().take(reader.name(), holder(), ArchiveReading.SILENCE)) {
        catalog.leases().release(reader.name(), holder());
      }
    }
    return allReaders().stream().map(Lease::name).collect(Collectors.toCollection(HashSet::new));
  }

  private List<Lease> allReaders() {
    return catalog.leases().startingWith(ArchiveReading.prefix(event));
  }

  private List<Lease> silentReaders() {
    return allReaders().stream()
        .filter(reader -> reader.ageMs() > ArchiveReading.SILENCE.toMillis())
        .toList();
  }

  /**
   * @param readers those that had begun when the list of superseded files was taken
   */
  private boolean awaitReaders(Set<String> readers, boolean patient, Consumer<String> say) {
    boolean isSaid = false;
    while (true) {
      readers.retainAll(readers());
      if (readers.isEmpty()) {
        return true;
      }
      if (!patient) {
        return false;
      }
      if (!isSaid) {
        say.accept(
            event
                + ": waiting for "
                + readers.size()
                + " recount commands that may still read the replaced files");
        isSaid = true;
      }
      Deadline.after(POLL).pause(POLL);
    }
  }

  /** Ends without removing anything: what is superseded then is removed another time. */
  @Override
  public void close() {
    lease.close();
  }
}
