package dev.recount.batch.publish;

import dev.recount.batch.segment.BuiltSegment;
import dev.recount.batch.segment.SegmentNames;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Publication;
import dev.recount.core.cli.Progress;
import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
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
 * Swaps the segments of a run for those of the run before, in one step as readers see it.
 *
 * <p>The segments that were replaced stay in Pinot until the next swap, so that a query that was
 * routed just before the swap still finds them.
 */
public final class Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration ONLINE_LIMIT = Duration.ofMinutes(10);
  private static final Duration BROKER_LIMIT = Duration.ofMinutes(1);
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

  public Publisher(
      Catalog catalog,
      PinotController controller,
      ServedTables broker,
      Configuration hadoop,
      Clock clock) {
    this.catalog = catalog;
    this.controller = controller;
    this.broker = broker;
    this.hadoop = hadoop;
    this.clock = clock;
  }

  /** Publishes, and returns once queries are answered from the new segments. */
  public Publication publish(
      ViewPlan plan, String runId, Cut cut, List<BuiltSegment> segments, Progress progress) {
    String table = plan.table();
    List<String> names = segments.stream().map(BuiltSegment::name).toList();
    long rows = segments.stream().mapToLong(BuiltSegment::rows).sum();
    long batchRows = rows - sentinels(names);
    Publication publication = publishing(plan, runId, cut, batchRows, names);
    catalog.batch().put(publication);
    try {
      List<String> before = controller.servedSegments(table);
      dropOrphans(table, before);
      String swap = controller.startSwap(table, before, names);
      publication = with(publication, Publication.PUBLISHING, swap, null);
      catalog.batch().put(publication);
      uploadAll(table, segments, progress);
      awaitOnline(table, names);
      controller.endSwap(table, swap);
      awaitServed(table, cut, names.size(), rows);
      publication = with(publication, Publication.SERVING, swap, clock.millis());
      catalog.batch().put(publication);
      return publication;
    } catch (RuntimeException e) {
      settleAfter(e, publication);
      throw e;
    }
  }

  private static long sentinels(List<String> names) {
    return names.stream().filter(SegmentNames::isSentinel).count();
  }

  private static Publication publishing(
      ViewPlan plan, String runId, Cut cut, long rows, List<String> names) {
    return new Publication(
        runId,
        plan.table(),
        plan.view(),
        plan.version(),
        Publication.PUBLISHING,
        cut.boundaryMs(),
        rows,
        Json.write(names),
        names.size(),
        null,
        null);
  }

  private static Publication with(
      Publication p, String status, String lineageId, Long publishedMs) {
    return new Publication(
        p.runId(),
        p.tableName(),
        p.viewName(),
        p.version(),
        status,
        p.cutMs(),
        p.rowCount(),
        p.segmentsJson(),
        p.segmentCount(),
        lineageId,
        publishedMs);
  }

  private void settleAfter(RuntimeException failure, Publication publication) {
    try {
      settle(publication);
    } catch (RuntimeException e) {
      // The next run settles it.
      failure.addSuppressed(e);
    }
  }

  /**
   * Brings the catalog and Pinot to agree on a publication whose run ended before it was done: it
   * is serving if Pinot had already swapped; otherwise it is taken back.
   */
  void settle(Publication publication) {
    String table = publication.tableName();
    controller.unfinishedSwaps(table).forEach(id -> controller.revertSwap(table, id));
    List<String> served = controller.servedSegments(table);
    boolean swapped = served.containsAll(publication.segments());
    LOG.info(
        "Publication of {} by run {}: {}",
        table,
        publication.runId(),
        swapped ? "was swapped in, marked serving" : "was not swapped in, taken back");
    catalog
        .batch()
        .put(
            swapped
                ? with(publication, Publication.SERVING, publication.lineageId(), clock.millis())
                : with(publication, Publication.FAILED, publication.lineageId(), null));
    if (!swapped) {
      Set<String> leftOver = new HashSet<>(controller.allSegments(table));
      leftOver.retainAll(publication.segments());
      controller.deleteSegments(table, leftOver);
    }
  }

  /** Segments that no query sees any more. */
  private void dropOrphans(String table, List<String> served) {
    List<String> orphans = new ArrayList<>(controller.allSegments(table));
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
