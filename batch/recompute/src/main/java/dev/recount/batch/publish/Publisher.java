package dev.recount.batch.publish;

import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.cut.Cut;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.pinot.PinotController;
import dev.recount.infra.clients.pinot.ServedTables;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Swaps the segments of a run for those of the run before, in one step as readers see it. An
 * incremental run replaces the sentinel and the parts that it folded; the others stay.
 *
 * <p>The segments that were replaced stay in Pinot until the next swap, so that a query that was
 * routed just before the swap still finds them.
 */
public final class Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration ONLINE_LIMIT = Duration.ofMinutes(10);
  private static final Duration BROKER_LIMIT = Duration.ofMinutes(3);
  private static final int UPLOADS_AT_ONCE = 4;

  /** Told of each segment that Pinot has taken. */
  public interface Progress {
    void uploaded(BuiltSegment segment);
  }

  private final Catalog catalog;
  private final PinotController controller;
  private final ServedTables broker;
  private final Configuration hadoop;
  private final Clock clock;
  private final Runnable requireOurs;

  /**
   * @param requireOurs throws if another run may publish now; asked once a swap is begun, which the
   *     other then takes back, and before it ends
   */
  public Publisher(
      Catalog catalog,
      PinotController controller,
      ServedTables broker,
      Configuration hadoop,
      Clock clock,
      Runnable requireOurs) {
    this.catalog = catalog;
    this.controller = controller;
    this.broker = broker;
    this.hadoop = hadoop;
    this.clock = clock;
    this.requireOurs = requireOurs;
  }

  /** Publishes, and returns once queries are answered from the new segments. */
  public Publication publish(NewBatch batch, Progress progress) {
    String table = batch.plan().table();
    List<String> made = batch.made().stream().map(BuiltSegment::name).toList();
    Publication publication = batch.publication();
    catalog.batch().put(publication);
    try {
      List<String> all = controller.allSegments(table);
      List<String> before = controller.servedSegments(table);
      requireServed(batch, before);
      // What another run makes from now on is not among those that were listed.
      requireOurs.run();
      dropOrphans(table, all, before);
      requireOurs.run();
      List<String> replaced = new ArrayList<>(before);
      replaced.removeAll(Set.copyOf(batch.kept()));
      String swap = controller.startSwap(table, replaced, made);
      publication = publication.with(Publication.PUBLISHING, swap, null);
      catalog.batch().put(publication);
      uploadAll(table, batch.made(), progress);
      awaitOnline(table, made);
      // Whoever takes over after this answer finds the swap and takes it back, so that its end
      // fails.
      requireOurs.run();
      controller.endSwap(table, swap);
      awaitServed(publication, batch.cut());
      requireOurs.run();
      publication = publication.with(Publication.SERVING, swap, clock.millis());
      catalog.batch().put(publication);
      return publication;
    } catch (RuntimeException e) {
      settleAfter(e, publication);
      throw e;
    }
  }

  /**
   * @throws RecountException if another run may publish now
   */
  public void requireOurs() {
    requireOurs.run();
  }

  /** What Pinot is not seen to serve as it was made is the base of no other run. */
  private void awaitServed(Publication publication, Cut cut) {
    long rows = publication.rowCount() + sentinels(publication.segments());
    try {
      awaitServed(publication.tableName(), cut, publication.segmentCount(), rows);
    } catch (RuntimeException e) {
      catalog
          .batch()
          .requireFull(
              publication.tableName(),
              "run " + publication.runId() + " was not seen to be served as it was made");
      throw e;
    }
  }

  private static void requireServed(NewBatch batch, List<String> served) {
    List<String> missing = new ArrayList<>(batch.kept());
    missing.removeAll(Set.copyOf(served));
    if (!missing.isEmpty()) {
      throw RecountException.of(
          ErrorCode.BATCH_FAILED,
          "Cannot add to the batch of %s: Pinot does not serve its segments %s any more; run "
              + "'recount batch run %s', which counts all history",
          batch.plan().table(),
          missing,
          batch.plan().view());
    }
  }

  private static long sentinels(List<String> names) {
    return names.stream().filter(SegmentNames::isSentinel).count();
  }

  private void settleAfter(RuntimeException failure, Publication publication) {
    boolean isInterrupted = Thread.interrupted();
    try {
      requireOurs.run();
      settle(publication);
    } catch (RuntimeException e) {
      // The next run settles it.
      failure.addSuppressed(e);
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Settles what runs left behind that ended before they were done.
   *
   * @return for each table where that failed, why
   */
  public Map<String, RuntimeException> settleAll() {
    Map<String, RuntimeException> failed = new HashMap<>();
    catalog
        .batch()
        .publishing()
        .forEach(
            publication -> {
              try {
                settle(publication);
              } catch (RuntimeException e) {
                failed.put(publication.tableName(), e);
              }
            });
    return failed;
  }

  /**
   * Brings the catalog and Pinot to agree on a publication whose run ended before it was done: it
   * is serving if Pinot had already swapped; otherwise it is taken back, without what older runs
   * made.
   */
  void settle(Publication publication) {
    String table = publication.tableName();
    requireOurs.run();
    controller.unfinishedSwaps(table).forEach(id -> controller.revertSwap(table, id));
    List<String> served = controller.servedSegments(table);
    boolean swapped =
        served.containsAll(
            publication.segments().stream()
                .filter(name -> SegmentNames.isOf(name, table, publication.runId()))
                .toList());
    LOG.info(
        "Publication of {} by run {}: {}",
        table,
        publication.runId(),
        swapped ? "was swapped in, marked serving" : "was not swapped in, taken back");
    String swap = publication.lineageId();
    requireOurs.run();
    catalog
        .batch()
        .put(
            swapped
                ? publication.with(Publication.SERVING, swap, clock.millis())
                : publication.with(Publication.FAILED, swap, null));
    if (!swapped) {
      List<String> made =
          controller.allSegments(table).stream()
              .filter(name -> SegmentNames.isOf(name, table, publication.runId()))
              .filter(name -> !served.contains(name))
              .toList();
      requireOurs.run();
      controller.deleteSegments(table, made);
    }
  }

  /** Segments that no query sees any more. */
  private void dropOrphans(String table, List<String> all, List<String> served) {
    List<String> orphans = new ArrayList<>(all);
    orphans.removeAll(new HashSet<>(served));
    controller.deleteSegments(table, orphans);
  }

  private void uploadAll(String table, List<BuiltSegment> segments, Progress progress) {
    ExecutorService uploads = Executors.newFixedThreadPool(UPLOADS_AT_ONCE);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (BuiltSegment segment : segments) {
        all.add(
            uploads.submit(
                () -> {
                  controller.upload(table, segment.name(), segment.bytes(), () -> content(segment));
                  progress.uploaded(segment);
                }));
      }
      for (Future<?> upload : all) {
        upload.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RecountException known
          ? known
          : RecountException.of(
              ErrorCode.BATCH_FAILED, e, "Cannot upload segments of %s: %s", table, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RecountException(ErrorCode.BATCH_FAILED, "Cannot upload segments: interrupted", e);
    } finally {
      uploads.shutdownNow();
    }
  }

  private InputStream content(BuiltSegment segment) {
    try {
      Path path = new Path(segment.path());
      return path.getFileSystem(hadoop).open(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitOnline(String table, List<String> names) {
    Deadline.after(ONLINE_LIMIT)
        .require(
            "Pinot's servers to load " + names.size() + " segments of " + table,
            POLL,
            () -> {
              Map<String, Set<String>> states = controller.reportedStates(table, "OFFLINE");
              for (String name : names) {
                if (states.getOrDefault(name, Set.of()).contains("ERROR")) {
                  throw RecountException.of(
                      ErrorCode.PINOT_UNAVAILABLE,
                      "Cannot publish %s: a Pinot server failed to load segment '%s'; see its log",
                      table,
                      name);
                }
              }
              return names.stream()
                  .allMatch(name -> states.getOrDefault(name, Set.of()).equals(Set.of("ONLINE")));
            });
  }

  private void awaitServed(String table, Cut cut, int segments, long rows) {
    Deadline.after(BROKER_LIMIT)
        .require(
            "Pinot's broker to serve the new batch of " + table,
            POLL,
            () ->
                broker.timeBoundary(table).orElse(-1) == cut.batchArrivedMs()
                    && broker.offline(table).equals(new ServedTables.Served(segments, rows)));
  }
}
