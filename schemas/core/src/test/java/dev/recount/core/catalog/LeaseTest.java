package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases and requests on a real H2 server; two catalogs stand for two hosts. */
class LeaseTest {
  private static final Duration SILENCE = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofMinutes(2);

  @TempDir private Path home;
  private RecountConfig config;
  private Server server;
  private Catalog catalog;
  private Catalog other;

  @BeforeEach
  void open() throws IOException {
    config = RecountConfig.load(home, Optional.of(FreePorts.base()), Map.of());
    Files.createDirectories(config.home().catalog());
    server = CatalogServer.start(config);
    catalog = Catalog.open(config);
    other = Catalog.open(config);
  }

  @AfterEach
  void close() {
    catalog.close();
    other.close();
    server.stop();
  }

  private void earlier(String table, String column, int seconds) {
    catalog
        .sql()
        .update(
            "UPDATE "
                + table
                + " SET "
                + column
                + " = "
                + column
                + " - INTERVAL '"
                + seconds
                + "' SECOND",
            Map.of());
  }

  @Test
  void lease_hasOneHolder_untilItIsSilentForLonger() {
    assertThat(catalog.leases().take("a", "one", SILENCE)).isTrue();
    assertThat(catalog.leases().take("a", "one", SILENCE)).isTrue();
    assertThat(other.leases().take("a", "two", SILENCE)).isFalse();
    assertThat(other.leases().renew("a", "two")).isFalse();
    assertThat(catalog.leases().find("a").orElseThrow().holder()).isEqualTo("one");

    earlier("lease", "noted", 1_800);
    assertThat(other.leases().take("a", "two", SILENCE)).isFalse();
    assertThat(catalog.leases().find("a").orElseThrow().ageMs())
        .isBetween(1_800_000L, SILENCE.toMillis());
    earlier("lease", "noted", 1_801);
    assertThat(other.leases().take("a", "two", SILENCE)).isTrue();
    assertThat(catalog.leases().renew("a", "one")).isFalse();
    catalog.leases().release("a", "one");
    assertThat(catalog.leases().find("a").orElseThrow().holder()).isEqualTo("two");
    other.leases().release("a", "two");
    assertThat(catalog.leases().find("a")).isEmpty();
  }

  @Test
  void silentLease_isTakenByOneOfMany() {
    catalog.leases().take("a", "dead", SILENCE);
    earlier("lease", "noted", 3_601);
    AtomicInteger taken = new AtomicInteger();
    IntStream.range(0, 8)
        .parallel()
        .forEach(
            i -> {
              if ((i % 2 == 0 ? catalog : other).leases().take("a", "h" + i, SILENCE)) {
                taken.incrementAndGet();
              }
            });
    assertThat(taken).hasValue(1);
  }

  @Test
  void leases_areListedByPrefix() {
    for (String name : List.of("reader/b/2", "reader/a/1", "reader/b/1", "readers", "read_r/b/3")) {
      catalog.leases().take(name, "one", SILENCE);
    }
    assertThat(other.leases().startingWith("reader/b/"))
        .extracting(Lease::name)
        .containsExactly("reader/b/1", "reader/b/2");
  }

  @Test
  void heldLease_isRenewed_andFreeOnceClosed() {
    try (HeldLease held = HeldLease.take(catalog.leases(), "a", "one").orElseThrow()) {
      assertThat(other.leases().take("a", "two", SILENCE)).isFalse();
      earlier("lease", "noted", 4);
      Deadline.after(Duration.ofMinutes(1))
          .require(
              "a renewal",
              Duration.ofMillis(50),
              () -> other.leases().find("a").orElseThrow().ageMs() < 3_000);
      held.requireHeld();
    }
    assertThat(other.leases().find("a")).isEmpty();
  }

  @Test
  void heldLease_thatAnotherTook_isSaidAndStaysTheOthers() {
    try (HeldLease held = HeldLease.take(catalog.leases(), "a", "one").orElseThrow()) {
      catalog.leases().release("a", "one");
      other.leases().take("a", "two", SILENCE);
      assertThatExceptionOfType(RecountException.class)
          .isThrownBy(held::requireHeld)
          .withMessageContaining("the lease 'a' was lost to two");
    }
    assertThat(other.leases().find("a").orElseThrow().holder()).isEqualTo("two");
  }

  @Test
  void request_isPendingOnceAView_fullWins() {
    RequestCatalog requests = catalog.requests();
    assertThat(requests.add("v", RunRequest.INCREMENTAL, RunRequest.SCHEDULE)).isTrue();
    assertThat(other.requests().add("v", RunRequest.INCREMENTAL, RunRequest.SCHEDULE)).isFalse();
    assertThat(requests.due()).extracting(RunRequest::mode).containsExactly("incremental");
    assertThat(requests.add("v", RunRequest.FULL, RunRequest.HAND)).isFalse();
    assertThat(requests.add("v", RunRequest.INCREMENTAL, RunRequest.SCHEDULE)).isFalse();
    assertThat(requests.add("w", RunRequest.FULL, RunRequest.MISSED)).isTrue();
    assertThat(requests.due())
        .extracting(RunRequest::viewName, RunRequest::mode, RunRequest::origin)
        .containsExactly(tuple("v", "full", "hand"), tuple("w", "full", "missed"));
    requests.drop("w");
    assertThat(requests.all()).extracting(RunRequest::viewName).containsExactly("v");
  }

  @Test
  void takenRequest_isGoneOnceDone_andAnotherMayWaitBesideIt() {
    RequestCatalog requests = catalog.requests();
    requests.add("v", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.add("w", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.take("r1", requests.due());
    assertThat(requests.due()).isEmpty();
    assertThat(requests.ofRun("r1")).extracting(RunRequest::viewName).containsExactly("v", "w");

    assertThat(requests.add("v", RunRequest.INCREMENTAL, RunRequest.SCHEDULE)).isTrue();
    requests.done("r1", List.of("v", "w"));
    assertThat(requests.all()).extracting(RunRequest::mode).containsExactly("incremental");
  }

  @Test
  void givenBackRequest_isDueAfterGrowingPauses_andDroppedInTheEnd() {
    RequestCatalog requests = catalog.requests();
    requests.add("v", RunRequest.FULL, RunRequest.SCHEDULE);
    long[] pauses = new long[2];
    for (int i = 0; i < 2; i++) {
      String run = "r" + i;
      requests.take(run, requests.pending());
      long due = requests.ofRun(run).get(0).notBeforeMs();
      assertThat(requests.giveBack(run, 2, PAUSE)).isEmpty();
      assertThat(requests.due()).isEmpty();
      RunRequest waiting = requests.pending().get(0);
      assertThat(waiting.attempt()).isEqualTo(i + 1);
      assertThat(waiting.origin()).isEqualTo(RunRequest.RETRY);
      pauses[i] = waiting.notBeforeMs() - due;
      earlier("run_request", "not_before", 3600);
      assertThat(requests.due()).hasSize(1);
    }
    assertThat(pauses[0]).isBetween(120_000L, 180_000L);
    assertThat(pauses[1]).isGreaterThan(240_000L);
    requests.take("r2", requests.due());
    assertThat(requests.giveBack("r2", 2, PAUSE))
        .extracting(RunRequest::viewName)
        .containsExactly("v");
    assertThat(requests.all()).isEmpty();
  }

  @Test
  void givenBackRequest_meetsOneThatWasAddedMeanwhile() {
    RequestCatalog requests = catalog.requests();
    requests.add("v", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.take("r1", requests.due());
    requests.add("v", RunRequest.INCREMENTAL, RunRequest.SCHEDULE);
    requests.giveBack("r1", 3, PAUSE);
    assertThat(requests.all()).hasSize(1);
    RunRequest one = requests.pending().get(0);
    assertThat(one.mode()).isEqualTo(RunRequest.FULL);
    assertThat(one.attempt()).isEqualTo(1);
    assertThat(requests.due()).isEmpty();

    requests.add("v", RunRequest.FULL, RunRequest.HAND);
    assertThat(requests.due()).hasSize(1);
  }

  @Test
  void requestOfWhichMoreIsAsked_beforeARunTakesIt_staysPending() {
    RequestCatalog requests = catalog.requests();
    requests.add("v", RunRequest.INCREMENTAL, RunRequest.SCHEDULE);
    List<RunRequest> seen = requests.due();
    requests.add("v", RunRequest.FULL, RunRequest.HAND);
    requests.take("r1", seen);
    assertThat(requests.ofRun("r1")).isEmpty();
    assertThat(requests.due()).extracting(RunRequest::mode).containsExactly("full");
  }

  @Test
  void requestByHand_whileARunFails_isDueAtOnceAllTheSame() {
    RequestCatalog requests = catalog.requests();
    requests.add("v", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.take("r1", requests.due());
    requests.add("v", RunRequest.FULL, RunRequest.HAND);
    requests.giveBack("r1", 3, PAUSE);
    assertThat(requests.due())
        .extracting(RunRequest::origin, RunRequest::attempt)
        .containsExactly(tuple("hand", 0));
  }

  @Test
  void requestThatWasLeftOut_isDueAgainAfterAPause_asItWas() {
    RequestCatalog requests = catalog.requests();
    requests.add("v", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.take("r1", requests.due());
    requests.giveBackLater("r1", PAUSE);
    assertThat(requests.due()).isEmpty();
    assertThat(requests.pending())
        .extracting(RunRequest::origin, RunRequest::attempt)
        .containsExactly(tuple("schedule", 0));
  }
}
