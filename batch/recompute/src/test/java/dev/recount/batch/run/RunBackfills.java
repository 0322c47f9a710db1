package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recount.batch.backfill.BackfillOrder;
import dev.recount.batch.backfill.Backfiller;
import dev.recount.batch.cut.Pace;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.TimeRange;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Backfills on a stack, with events that arrive and queries that are asked meanwhile. */
final class RunBackfills {
  private static final Instant NOON = Instant.parse("2024-05-01T12:00:00Z");

  private final BatchStack stack;

  RunBackfills(BatchStack stack) {
    this.stack = stack;
  }

  private Optional<RunSummary> backfill(Instant from, Instant before) {
    return backfill(stack.config(), from, before, null);
  }

  private Optional<RunSummary> backfill(
      RecountConfig config, Instant from, Instant before, Pace pace) {
    return new Backfiller(
            config, stack.catalog(), Clock.systemUTC(), new Progress(System.out::println, false))
        .run(
            new BackfillOrder(
                "traffic", new TimeRange(from.toEpochMilli(), before.toEpochMilli()), pace, true));
  }

  void requireThatItReplacesItsRangeAlone_underTraffic() throws Exception {
    stack.run("traffic"); // all that has arrived is in one part, whatever ran before
    stack.send(6, NOON.minus(Duration.ofDays(5)));
    stack.add("traffic");
    Publication before = serving();
    long sent = stack.sent();
    stack.awaitMerged(sent);
    AtomicBoolean stop = new AtomicBoolean();
    ExecutorService others = Executors.newFixedThreadPool(2);
    Future<?> sending = others.submit(() -> sendUntil(stop));
    Future<?> asking = others.submit(() -> askUntil(stop, sent));

    RunSummary summary = backfill(NOON.plusSeconds(600), NOON.plusSeconds(1_200)).orElseThrow();

    stop.set(true);
    sending.get(2, TimeUnit.MINUTES);
    asking.get(2, TimeUnit.MINUTES);
    others.shutdown();
    Publication after = serving();
    assertThat(after.runId()).isEqualTo(summary.runId());
    assertThat(after.mode()).isEqualTo(BatchRun.BACKFILL);
    assertThat(after.cutMs()).isEqualTo(before.cutMs());
    assertThat(after.parts())
        .as("the newest part has no event of that hour")
        .contains(before.parts().get(before.parts().size() - 1));
    assertThat(stack.controller().servedSegments(BatchStack.TABLE))
        .containsExactlyInAnyOrderElementsOf(after.segments());
    stack.awaitMerged(stack.sent());
    RunReport run = stack.catalog().runs().find(summary.runId()).orElseThrow();
    assertThat(run.status()).isEqualTo(BatchRun.SUCCEEDED);
    assertThat(run.mode()).isEqualTo(BatchRun.BACKFILL);
    assertThat(run.eventsRead()).isEqualTo(summary.events()).isPositive();
    assertThat(Path.of(stack.config().lakeUri()).resolve("segments/" + BatchStack.TABLE))
        .doesNotExist();

    stack.add("traffic");
    assertThat(stack.merged()).isEqualTo(stack.sent());
  }

  private void sendUntil(AtomicBoolean stop) {
    while (!stop.get()) {
      stack.send(1, NOON);
    }
  }

  /** Each answer holds at least what had been there when the backfill began. */
  private void askUntil(AtomicBoolean stop, long least) {
    while (!stop.get()) {
      stack.settledMerged().ifPresent(answer -> assertThat(answer).isBetween(least, stack.sent()));
    }
  }

  void requireThatARangeWithoutEventsChangesNothing() {
    Publication before = serving();
    Instant longAgo = Instant.parse("1990-01-01T00:00:00Z");

    assertThat(backfill(longAgo, longAgo.plusSeconds(1))).isEmpty();

    assertThat(serving()).isEqualTo(before);
    RunReport run = stack.catalog().runs().newest(1).get(0);
    assertThat(run.status()).isEqualTo(BatchRun.SUCCEEDED);
    assertThat(run.views()).extracting(RunView::status).containsExactly(RunView.LEFT_OUT);

    stack.catalog().batch().requireFull(BatchStack.TABLE, "events were erased");
    assertThatThrownBy(() -> backfill(longAgo, longAgo.plusSeconds(1)))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("events were erased; run 'recount batch run traffic'");
    stack
        .catalog()
        .batch()
        .fullRunDone(stack.catalog().batch().fullRunDue(BatchStack.TABLE).orElseThrow(), "0");
  }

  /** Each file is a piece; the second waits for so long that it is never reached. */
  void requireThatACancelledOneIsResumed() throws Exception {
    Instant hour = NOON.plus(Duration.ofDays(40));
    for (int i = 0; i < 2; i++) {
      stack.send(20, hour);
      stack.add("traffic");
    }
    RecountConfig small =
        RecountConfig.load(
            stack.config().home().path(),
            Optional.empty(),
            Map.of("RECOUNT_BATCH_BACKFILL_PIECE", "1B"));
    Publication before = serving();
    ExecutorService other = Executors.newSingleThreadExecutor();
    Future<?> slow =
        other.submit(() -> backfill(small, hour, hour.plusSeconds(3_600), new Pace(1)));
    String run =
        await()
            .atMost(Duration.ofMinutes(2))
            .until(this::backfillThatHasReadSome, Optional::isPresent)
            .orElseThrow();
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> stack.catalog().runs().find(run).orElseThrow(), this::saysHowLongItTakes);
    TimeRange range = new TimeRange(hour.toEpochMilli(), hour.toEpochMilli() + 1);
    assertThatThrownBy(
            () ->
                new Backfiller(
                        small,
                        stack.catalog(),
                        Clock.systemUTC(),
                        new Progress(System.out::println, false))
                    .run(new BackfillOrder("traffic", range, null, false)))
        .extracting("code")
        .hasToString("BATCH_ALREADY_RUNNING");
    assertThat(stack.catalog().runs().cancel(run, "not needed")).isTrue();
    assertThatThrownBy(() -> slow.get(2, TimeUnit.MINUTES)).hasMessageContaining("not needed");
    other.shutdown();
    assertThat(stack.catalog().runs().find(run).orElseThrow().status())
        .isEqualTo(BatchRun.CANCELLED);
    assertThat(serving()).isEqualTo(before);

    RunSummary rest = backfill(small, hour, hour.plusSeconds(3_600), null).orElseThrow();

    assertThat(rest.events()).as("what was finished is not read again").isBetween(1L, 39L);
    assertThat(serving().runId()).isEqualTo(rest.runId());
    stack.awaitMerged(stack.sent());
    assertThat(Path.of(stack.config().lakeUri()).resolve("segments/" + BatchStack.TABLE))
        .doesNotExist();
  }

  private boolean saysHowLongItTakes(RunReport run) {
    return run.stepDone() != null
        && run.stepTotal() != null
        && run.stepRate() != null
        && run.stepSecondsLeft() != null
        && run.stepUnit().equals("events");
  }

  private Optional<String> backfillThatHasReadSome() {
    return stack.catalog().runs().running().stream()
        .filter(run -> run.mode().equals(BatchRun.BACKFILL))
        .filter(run -> run.eventsRead() != null && run.eventsRead() > 0)
        .map(RunReport::runId)
        .findFirst();
  }

  private Publication serving() {
    return stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow();
  }
}
