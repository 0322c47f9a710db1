package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run says of itself, on a real H2 catalog. */
class RunRecordTest {
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final ViewPlan V = MemoryCatalog.plan("v", 1);
  private static final ViewPlan V2 = MemoryCatalog.plan("v", 2);
  private static final ViewPlan W = MemoryCatalog.plan("w", 1);

  @TempDir private Path home;
  private final Progress progress = new Progress(line -> {}, false);
  private final Steps steps = new Steps((step, seconds) -> {});
  private final StopSignal stop = new StopSignal();
  private RecountConfig config;
  private Catalog catalog;
  private String run;
  private RunRecord record;

  @BeforeEach
  void begin() {
    config = MemoryCatalog.settings(home);
    catalog = Catalog.open(config);
    List<RunView> views =
        List.of(V, V2, W).stream()
            .map(plan -> RunView.due(plan.view(), plan.table(), RunRequest.INCREMENTAL))
            .toList();
    run = catalog.runs().begin(1_000, "incremental", RunRequest.HAND, 0, "h", 1, views);
    record = new RunRecord(catalog, Clock.systemUTC(), run, views, progress, steps, stop);
  }

  @AfterEach
  void close() {
    record.close();
    catalog.close();
  }

  private RunReport report() {
    return catalog.runs().find(run).orElseThrow();
  }

  private static Publication publication(ViewPlan plan, String run) {
    return new Publication(
        run,
        plan.table(),
        plan.view(),
        1,
        Publication.SERVING,
        "full",
        1,
        7,
        "[]",
        2,
        "[]",
        null,
        null,
        null);
  }

  @Test
  void stepUnderWay_isInTheCatalogWithinABeat() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    Thread worker =
        new Thread(
            () ->
                steps.time(
                    "compute",
                    () -> {
                      try (Progress.Step step = progress.step("compute views", "events", 100)) {
                        step.advance(40);
                        seen.await();
                        return 0;
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    }));
    worker.start();
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(report().doing())
                    .hasValueSatisfying(
                        doing -> assertThat(doing).startsWith("compute: 40 of 100 events, ")));
    seen.countDown();
    worker.join();

    record.computedAs(V, RunRequest.FULL);
    record.published(publication(V, run), 99);
    record.failed(V2, new IllegalStateException("no table"));
    record.leftOut(W, "served further");
    assertThatThrownBy(record::requireNoneFailed)
        .hasMessage("Cannot publish 1 of 3 views: v@2: no table; the others are published");
    record.read(100);
    assertThat(record.mode(V)).isEqualTo(RunRequest.FULL);
    assertThat(record.done()).as("one of two versions has failed").isEmpty();
    assertThat(
            record.end(
                BatchRun.FAILED,
                RecountException.of(ErrorCode.DISK_FULL, "full"),
                "the disk is full"))
        .isTrue();
    RunReport ended = report();
    assertThat(ended.status()).isEqualTo(BatchRun.FAILED);
    assertThat(ended.errorCode()).isEqualTo("DISK_FULL");
    assertThat(ended.error()).isEqualTo("the disk is full");
    assertThat(ended.finished()).isNotNull();
    assertThat(ended.seconds()).containsOnlyKeys("compute");
    assertThat(ended.eventsRead()).isEqualTo(100);
    assertThat(ended.rowsWritten()).isEqualTo(7);
    assertThat(ended.cpuSeconds()).isNotNegative();
    assertThat(ended.peakMemoryBytes()).isPositive();
    assertThat(ended.views())
        .extracting(RunView::status)
        .containsExactly(RunView.PUBLISHED, RunView.FAILED, RunView.LEFT_OUT);
    assertThat(ended.views().get(0).bytes()).isEqualTo(99);
    assertThat(ended.views().get(1).error()).isEqualTo("no table");
  }

  @Test
  void cancelRequest_becomesTheWishToEnd() {
    catalog.runs().cancel(run, "by hand");
    await().atMost(SOON).until(() -> stop.kind() == StopSignal.Kind.CANCELLED);
    assertThat(stop.reason()).isEqualTo("by hand");
  }

  @Test
  void runThatAnotherTookForDead_isLost_andCannotEndAsAnythingElse() {
    new DeadRuns(catalog, config.batch()).allAreDead();
    await().atMost(SOON).until(() -> stop.kind() == StopSignal.Kind.LOST);
    assertThat(record.end(BatchRun.SUCCEEDED, null, null)).isFalse();
    assertThat(report().status()).isEqualTo(BatchRun.FAILED);
  }

  @Test
  void failure_isToldInOneLine_inOurWordsIfThereAreSome() {
    Throwable known = RecountException.of(ErrorCode.BATCH_FAILED, "Cannot build");
    assertThat(RunRecord.text(new IllegalStateException("aborted:\n\tat a.B.c", known)))
        .isEqualTo("Cannot build");
    assertThat(RunRecord.text(new IllegalStateException("aborted: why\n\tat a.B.c")))
        .isEqualTo("aborted: why");
    assertThat(RunRecord.text(new IllegalStateException()))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(RunRecord.text(new IllegalStateException("")))
        .isEqualTo("java.lang.IllegalStateException: ");
  }

  @Test
  void whereAllViewsFailed_noneIsSaidToBePublished() {
    for (ViewPlan plan : List.of(V, V2, W)) {
      record.failed(plan, new IllegalStateException("no"));
    }
    assertThatThrownBy(record::requireNoneFailed)
        .hasMessage("Cannot publish 3 of 3 views: v: no; v@2: no; w: no");
  }
}
