package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.view.ScheduledMode;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of runs on a real H2 server. */
class RunCatalogTest extends CatalogOnH2 {
  private static final List<RunView> VIEWS = List.of(RunView.due("v", "v_v1", RunRequest.FULL));

  private RunCatalog runs;

  @BeforeEach
  void begin() {
    runs = catalog.runs();
  }

  private String begin(long startedMs) {
    return runs.begin(startedMs, "full", RunRequest.SCHEDULE, 0, "host", 7, VIEWS);
  }

  private static RunBeat beat(String run, String status, String step, String error) {
    return new RunBeat(
        run,
        status,
        status.equals(BatchRun.RUNNING) ? null : 9_000L,
        5_000L,
        100L,
        "{}",
        3L,
        "[{\"view\":\"v\",\"table\":\"v_v1\",\"mode\":\"full\",\"status\":\"PUBLISHED\",\"rows\":3}]",
        step,
        40L,
        100L,
        "events",
        2.0,
        "{\"wait\":1.5,\"compute\":2.0}",
        4.5,
        1000L,
        2000L,
        3000L,
        null,
        error);
  }

  private void earlier(String table, int seconds) {
    catalog
        .sql()
        .update(
            "UPDATE " + table + " SET noted = noted - INTERVAL '" + seconds + "' SECOND", Map.of());
  }

  /** However slow this is, runs are not silent before an hour has passed. */
  private void anHourLater() {
    earlier("batch_run", -3_600);
  }

  @Test
  void run_saysWhatItDoes_andHowItEnded() {
    String id = begin(1_000);
    assertThat(id).isEqualTo("19700101T000001000");
    assertThat(runs.find(id).orElseThrow().views()).isEqualTo(VIEWS);
    assertThat(runs.beat(beat(id, BatchRun.RUNNING, "compute", null))).isTrue();
    assertThat(runs.newest(1).get(0).silentMs()).isBetween(0L, 600_000L);

    anHourLater();
    RunReport running = runs.newest(1).get(0);
    assertThat(running.hasEnded()).isFalse();
    assertThat(running.doing()).contains("compute: 40 of 100 events, 20/s, 3 s left");
    assertThat(running.stepRate()).isEqualTo(20.0);
    assertThat(running.stepSecondsLeft()).isEqualTo(3.0);
    assertThat(running.host()).isEqualTo("host");
    assertThat(running.seconds())
        .containsExactly(Map.entry("wait", 1.5), Map.entry("compute", 2.0));
    assertThat(running.cpuSeconds()).isEqualTo(4.5);
    assertThat(running.views()).extracting(RunView::rows).containsExactly(3L);

    assertThat(runs.beat(beat(id, BatchRun.SUCCEEDED, "tidy", null))).isTrue();
    RunReport ended = runs.find(id).orElseThrow();
    assertThat(ended.status()).isEqualTo(BatchRun.SUCCEEDED);
    assertThat(ended.finished()).hasToString("1970-01-01T00:00:09Z");
    assertThat(ended.peakMemoryBytes()).isEqualTo(3000);
    assertThat(ended.silentMs()).isNull();
    assertThat(ended.doing()).isEmpty();
    assertThat(runs.beat(beat(id, BatchRun.RUNNING, "tidy", null)))
        .as("what has ended never runs again")
        .isFalse();
  }

  @Test
  void runs_followEachOther_whateverTheClockOfTheirHost() {
    String first = begin(50_000);
    String second = begin(20_000);
    assertThat(second).isGreaterThan(first);
    assertThat(runs.newest(9)).extracting(RunReport::runId).containsExactly(second, first);
  }

  @Test
  void cancel_reachesARunningRunOnly() {
    String id = begin(1);
    assertThat(runs.cancelReason(id)).isEmpty();
    assertThat(runs.cancel(id, "by hand")).isTrue();
    assertThat(runs.cancel(id, "again")).isTrue();
    assertThat(runs.cancelReason(id)).contains("by hand");
    runs.beat(beat(id, BatchRun.CANCELLED, "compute", "by hand"));
    assertThat(runs.cancel(id, "late")).isFalse();
    assertThat(runs.cancel("none", "x")).isFalse();
    assertThat(runs.find(id).orElseThrow().status()).isEqualTo(BatchRun.CANCELLED);
  }

  @Test
  void missedRun_isInHistory() {
    Instant due = Instant.ofEpochSecond(100);
    catalog
        .schedules()
        .due(new ScheduleCatalog.Due("v", due, 3, Instant.ofEpochSecond(40)), ScheduledMode.FULL);
    RunReport missed = runs.newest(1).get(0);
    assertThat(missed.status()).isEqualTo(BatchRun.MISSED);
    assertThat(missed.error()).contains("no scheduler");
    assertThat(missed.processId()).isNull();
    assertThat(missed.views()).containsExactly(RunView.due("v", null, RunRequest.FULL));
  }

  @Test
  void silentRun_isShownAsFailed_andMarkedByWhoLooksTwice() {
    String id = begin(1_000);
    catalog.requests().add("v", RunRequest.FULL, RunRequest.SCHEDULE);
    catalog.requests().take(id, catalog.requests().due());
    AtomicLong nanos = new AtomicLong();
    DeadRuns dead = new DeadRuns(catalog, config.batch(), nanos::get);
    runs.beat(beat(id, BatchRun.RUNNING, "compute", null));
    anHourLater();
    assertThat(dead.look()).isEmpty();
    assertThat(runs.find(id).orElseThrow().status()).isEqualTo(BatchRun.RUNNING);

    earlier("batch_run", 3_606);
    RunReport shown = StatusReport.of(catalog, config, java.time.Clock.systemUTC()).runs().get(0);
    assertThat(shown.status()).isEqualTo(BatchRun.FAILED);
    assertThat(shown.error()).contains("its process 7 on host host ended");
    assertThat(runs.running()).hasSize(1);

    assertThat(dead.look()).isEmpty();
    nanos.addAndGet(DeadRuns.WATCH.toNanos());
    assertThat(dead.look()).containsExactly(id);
    assertThat(runs.running()).isEmpty();
    assertThat(runs.beat(beat(id, BatchRun.SUCCEEDED, "tidy", null))).isFalse();
    assertThat(runs.find(id).orElseThrow().status()).isEqualTo(BatchRun.FAILED);
    RunRequest again = catalog.requests().pending().get(0);
    assertThat(again.attempt()).isEqualTo(1);
    assertThat(again.runId()).isNull();
    assertThat(dead.look()).isEmpty();
    assertThat(catalog.requests().pending()).containsExactly(again);
  }

  /** After the catalog was away all runs were silent; those that live report again. */
  @Test
  void runThatReportsAgain_isNotMarked() {
    String id = begin(1_000);
    AtomicLong nanos = new AtomicLong();
    DeadRuns dead = new DeadRuns(catalog, config.batch(), nanos::get);
    earlier("batch_run", 60);
    assertThat(dead.look()).isEmpty();
    runs.beat(beat(id, BatchRun.RUNNING, "compute", null));
    anHourLater();
    nanos.addAndGet(DeadRuns.WATCH.toNanos());
    assertThat(dead.look()).isEmpty();
    earlier("batch_run", 3_660);
    assertThat(dead.look()).as("its silence begins anew").isEmpty();
    assertThat(runs.running()).hasSize(1);
  }

  @Test
  void whoHoldsTheLease_findsAllDead() {
    String id = begin(1_000);
    DeadRuns dead = new DeadRuns(catalog, config.batch());
    assertThat(dead.allAreDead()).containsExactly(id);
    assertThat(dead.allAreDead()).isEmpty();
  }

  /** A backfill does not hold the lease of runs while it counts. */
  @Test
  void backfillThatLives_isNotDead_whoeverHoldsTheLeaseOfRuns() {
    List<RunView> views = List.of(RunView.due("v", "v_v1", BatchRun.BACKFILL));
    String id = runs.begin(1_000, BatchRun.BACKFILL, RunRequest.HAND, 0, "host", 7, views);
    anHourLater();
    DeadRuns dead = new DeadRuns(catalog, config.batch());
    assertThat(dead.allAreDead()).isEmpty();
    dead.backfillsAreDead("w_v1");
    assertThat(runs.running()).hasSize(1);

    earlier("batch_run", 3_660);
    assertThat(dead.allAreDead()).as("silent, and so still after a while").containsExactly(id);

    String next = runs.begin(1_000, BatchRun.BACKFILL, RunRequest.HAND, 0, "host", 7, views);
    dead.backfillsAreDead("v_v1");
    assertThat(runs.find(next).orElseThrow().status()).isEqualTo(BatchRun.FAILED);
  }

  private void publish(String run, String table, String status) {
    catalog
        .batch()
        .put(
            new Publication(
                run, table, "v", 1, status, "full", 1, 1, "[]", 1, "[]", null, null, null));
  }

  @Test
  void history_isPruned_exceptForWhatServesOrIsNew() {
    String[] old = {begin(1), begin(2), begin(3), begin(4), begin(5)};
    for (String run : old) {
      publish(run, "t", Publication.REPLACED);
      runs.beat(beat(run, BatchRun.SUCCEEDED, "tidy", null));
    }
    publish(old[0], "u", Publication.SERVING);
    String failed = begin(6);
    publish(failed, "t", Publication.FAILED);
    runs.beat(beat(failed, BatchRun.FAILED, "publish", "x"));
    String running = begin(7);
    earlier("batch_run", 3600);
    String fresh = begin(8);
    runs.beat(beat(fresh, BatchRun.FAILED, "wait", "x"));

    assertThat(runs.prune(Duration.ofHours(2), 3)).isEmpty();
    assertThat(runs.prune(Duration.ofMinutes(30), 3)).containsExactlyInAnyOrder(old[1], failed);
    assertThat(runs.newest(9))
        .extracting(RunReport::runId)
        .containsExactly(fresh, running, old[4], old[3], old[2], old[0]);
    assertThat(runs.newest("v", 9))
        .extracting(RunReport::runId)
        .containsExactly(fresh, running, old[4], old[3], old[2], old[0]);
    assertThat(catalog.batch().serving("u")).isPresent();
  }

  @Test
  void patientCatalog_waitsUntilTheServerIsBack() throws Exception {
    String id = begin(1_000);
    Catalog patient = catalog.patient(Duration.ofMinutes(1));
    server.stop();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> runs.find(id))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CATALOG_UNAVAILABLE));
    CompletableFuture<Boolean> beat =
        CompletableFuture.supplyAsync(
            () -> patient.runs().beat(beat(id, BatchRun.SUCCEEDED, "tidy", null)));
    server = CatalogServer.start(config);
    assertThat(beat.get(60, TimeUnit.SECONDS)).isTrue();
    assertThat(patient.runs().find(id).orElseThrow().status()).isEqualTo(BatchRun.SUCCEEDED);
  }
}
