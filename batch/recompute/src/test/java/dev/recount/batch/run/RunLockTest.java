package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.process.ThisProcess;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs wait for each other on a real H2 catalog; two catalogs stand for two hosts. */
class RunLockTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  @TempDir private Path home;
  private Catalog here;
  private Catalog there;
  private final List<String> said = Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void open() {
    RecountConfig config = MemoryCatalog.settings(home);
    here = Catalog.open(config);
    there = Catalog.open(config);
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
  }

  private RunLock lock(Catalog catalog) {
    return new RunLock(catalog, said::add);
  }

  @Test
  void secondRun_waitsAndSaysForWhich_untilTheFirstIsDone() throws Exception {
    HeldLease first = lock(here).await();
    String run =
        here.runs()
            .begin(
                1_000,
                RunRequest.FULL,
                RunRequest.HAND,
                0,
                ThisProcess.host(),
                ThisProcess.id(),
                List.of(RunView.due("v", "v_v1", RunRequest.FULL)));
    CompletableFuture<HeldLease> second = CompletableFuture.supplyAsync(() -> lock(there).await());
    await().atMost(SOON).until(() -> !said.isEmpty());
    assertThat(said)
        .containsExactly(
            "Waiting for run "
                + run
                + " of "
                + ThisProcess.name()
                + ", which has been running since 1970-01-01T00:00:01Z"
                + " ...");
    assertThat(second).isNotDone();

    first.close();
    second.get(SOON.toSeconds(), TimeUnit.SECONDS).close();
    assertThat(here.leases().find(Lease.BATCH_RUN)).isEmpty();
  }

  @Test
  void whoDoesNotWait_isRefused() {
    try (HeldLease first = lock(here).takeNow()) {
      assertThatThrownBy(() -> lock(there).takeNow())
          .isInstanceOf(RecountException.class)
          .hasMessageContaining("process " + ProcessHandle.current().pid() + " on host ")
          .extracting("code")
          .hasToString("BATCH_ALREADY_RUNNING");
      first.requireHeld();
    }
    lock(there).takeNow().close();
  }

  @Test
  void theJanitor_isSaid_andWaitedForEvenByWhoDoesNotWait() throws Exception {
    HeldLease janitor = RunLock.ofJanitor(here).takeIfFree().orElseThrow();
    CompletableFuture<HeldLease> patient = CompletableFuture.supplyAsync(() -> lock(there).await());
    await().atMost(SOON).until(() -> !said.isEmpty());
    assertThat(said.get(0)).startsWith("Waiting for the janitor in process ");
    janitor.close();
    patient.get(SOON.toSeconds(), TimeUnit.SECONDS).close();

    HeldLease again = RunLock.ofJanitor(here).takeIfFree().orElseThrow();
    CompletableFuture<HeldLease> now = CompletableFuture.supplyAsync(() -> lock(there).takeNow());
    await().atMost(SOON).during(Duration.ofSeconds(1)).until(() -> !now.isDone());
    again.close();
    now.get(SOON.toSeconds(), TimeUnit.SECONDS).close();
  }

  /** A holder that was killed renews nothing; its successor must not be kept out for ever. */
  @Test
  void killedHolder_isFollowedOnceItIsSilentForLong() throws Exception {
    // What is slow the first time, as this host's name, is not slow once the holder may be silent.
    lock(there).takeIfFree().orElseThrow().close();
    assertThat(here.leases().take(Lease.BATCH_RUN, "dead", HeldLease.SILENCE)).isTrue();
    assertThat(lock(there).takeIfFree()).isEmpty();
    CompletableFuture<HeldLease> second = CompletableFuture.supplyAsync(() -> lock(there).await());
    try (HeldLease taken = second.get(HeldLease.SILENCE.plus(SOON).toSeconds(), TimeUnit.SECONDS)) {
      taken.requireHeld();
    }
  }
}
