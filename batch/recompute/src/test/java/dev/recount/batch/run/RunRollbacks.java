package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.BatchPart;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.KeptRun;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.ScheduleCatalog;
import dev.recount.error.RecountException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Views on a stack that go back to an earlier run, and forward again. */
final class RunRollbacks {
  private static final Instant NOON = Instant.parse("2024-05-01T12:00:00Z");
  private static final String VIEW = "traffic";

  private final BatchStack stack;

  RunRollbacks(BatchStack stack) {
    this.stack = stack;
  }

  /** Back to a run of two parts, forward again, and on from there; readers see one count always. */
  void requireThatItServesAnEarlierRunAndWhatCameSince() throws Exception {
    // The test plays the speed layer, and has sent a delta of each event.
    stack.catalog().views().wholeSince(VIEW, 1, 0);
    stack.send(9, NOON);
    String added = stack.add(VIEW).runId();
    stack.send(4, NOON.minus(Duration.ofDays(9)));
    String full = stack.run(VIEW).runId();
    stack.awaitMerged(stack.sent());
    assertThat(stack.keptRuns(VIEW))
        .filteredOn(KeptRun::serving)
        .extracting(KeptRun::run)
        .containsExactly(full);
    assertThat(stack.rollBack(added, true).rollback()).as("a dry run").isNull();
    assertThat(serving().runId()).isEqualTo(full);

    RollbackReport back = whileItIsRead(() -> stack.rollBack(added, false));
    assertServes(added, back.rollback());
    assertThat(batchRequests()).isEqualTo(stack.sent() - 4);
    assertThat(serving().parts()).hasSizeGreaterThan(1);
    assertThat(serving().parts()).extracting(BatchPart::builtBy).containsOnly(back.rollback());
    assertThat(stack.rollBack(added, false).serving()).as("a second time").isTrue();
    assertThat(stack.rollBack(back.rollback(), false).rollback()).isNull();

    RollbackReport forward = stack.rollBack(full, false);
    assertServes(full, forward.rollback());
    assertThat(batchRequests()).isEqualTo(stack.sent());
    assertThat(RunsCommand.text(stack.keptRuns(VIEW)))
        .contains("serving, by the roll-back " + forward.rollback());

    stack.send(3, NOON);
    RunSummary next = stack.add(VIEW);
    assertThat(next.events()).as("only what the kept run had not counted").isEqualTo(3);
    assertThat(next.views())
        .extracting(RunSummary.ViewPart::mode)
        .containsExactly(RunRequest.INCREMENTAL);
    assertThat(batchRequests()).isEqualTo(stack.sent());
    assertThat(stack.merged()).isEqualTo(stack.sent());
    assertNothingIsLeft();
    assertThatThrownBy(() -> stack.rollBack("20240501T120000000", false))
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("the history has none of that name");
  }

  /** As if its process was killed once Pinot had swapped: the schedule must not undo it. */
  void requireThatAKilledOneIsFinishedBeforeWhatIsDue() {
    Publication before = serving();
    String target = stack.keptRuns(VIEW).get(1).run();
    String rollback = stack.rollBack(target, false).rollback();
    Publication swapped = serving();
    stack.catalog().batch().put(before.with(Publication.SERVING, before.lineageId(), 1L));
    stack.catalog().batch().put(swapped.with(Publication.PUBLISHING, swapped.lineageId(), null));
    stack.catalog().schedules().pause(VIEW, false);
    stack.catalog().requests().add(VIEW, RunRequest.FULL, RunRequest.SCHEDULE);

    assertThat(stack.runDue()).as("nothing is due any more").isEmpty();
    assertServes(target, rollback);
    stack.catalog().schedules().pause(VIEW, false);
  }

  /** What a process has just done when it is killed. */
  enum Stage {
    BUILDING,
    PUSHING,
    SERVING;

    private boolean isReached(BatchStack stack, String run) {
      return switch (this) {
        case BUILDING ->
            Files.exists(
                Path.of(stack.config().lakeUri())
                    .resolve("segments/" + BatchStack.TABLE + "/run=" + run));
        case PUSHING -> !stack.controller().unfinishedSwaps(BatchStack.TABLE).isEmpty();
        case SERVING ->
            stack
                .catalog()
                .batch()
                .serving(BatchStack.TABLE)
                .filter(p -> p.runId().equals(run))
                .isPresent();
      };
    }
  }

  void requireThatAKilledOneIsFinishedByTheSameCommand(Stage stage) throws Exception {
    stack.catalog().views().wholeSince(VIEW, 1, 0);
    stack.send(2, NOON);
    stack.run(VIEW);
    stack.run(VIEW);
    String target = stack.keptRuns(VIEW).get(1).run();
    Process process = stack.rollbackProcess(target).start();
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                stack.catalog().runs().running().stream()
                    .anyMatch(running -> stage.isReached(stack, running.runId())));
    process.destroyForcibly().waitFor();
    assertThat(stack.merged()).isEqualTo(stack.sent());

    assertThat(stack.rollBack(target, false).serving()).isEqualTo(stage == Stage.SERVING);
    assertServes(target, serving().runId());
    assertNothingIsLeft();
  }

  private Publication serving() {
    return stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow();
  }

  private void assertServes(String run, String rollback) {
    Publication serving = serving();
    assertThat(serving.runId()).isEqualTo(rollback);
    assertThat(serving.rolledBackTo()).isEqualTo(run);
    Publication target = stack.catalog().batch().find(run, BatchStack.TABLE).orElseThrow();
    assertThat(serving.cutMs()).isEqualTo(target.cutMs());
    assertThat(serving.rowCount()).isEqualTo(target.rowCount());
    assertThat(stack.controller().servedSegments(BatchStack.TABLE))
        .containsExactlyInAnyOrderElementsOf(serving.segments());
    assertThat(stack.merged()).isEqualTo(stack.sent());
    assertThat(
            stack.catalog().schedules().find(VIEW).map(ScheduleCatalog.State::paused).orElseThrow())
        .isTrue();
    RunReport report = stack.catalog().runs().find(rollback).orElseThrow();
    assertThat(report.mode()).isEqualTo(Publication.ROLLBACK);
    assertThat(report.cut().toEpochMilli()).isEqualTo(serving.cutMs());
    if (!report.status().equals(BatchRun.FAILED)) {
      assertThat(report.status()).isEqualTo(BatchRun.SUCCEEDED);
    }
  }

  private RollbackReport whileItIsRead(Callable<RollbackReport> work) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    Set<Long> seen = ConcurrentHashMap.newKeySet();
    ExecutorService reader = Executors.newSingleThreadExecutor();
    Future<?> reading =
        reader.submit(
            () -> {
              while (!stop.get() || seen.isEmpty()) {
                stack.settledMerged().ifPresent(seen::add);
              }
            });
    try {
      return work.call();
    } finally {
      stop.set(true);
      reading.get(2, TimeUnit.MINUTES);
      reader.shutdown();
      assertThat(seen).containsExactly(stack.sent());
    }
  }

  private long batchRequests() {
    return stack
        .ask("SELECT SUM(requests) FROM traffic_v1_OFFLINE WHERE _arrived < " + serving().cutMs())
        .path(0)
        .asLong();
  }

  private void assertNothingIsLeft() throws Exception {
    assertThat(stack.controller().unfinishedSwaps(BatchStack.TABLE)).isEmpty();
    Path lake = Path.of(stack.config().lakeUri());
    assertThat(lake.resolve("segments/" + BatchStack.TABLE)).doesNotExist();
    Path note = lake.resolve("views/" + BatchStack.TABLE + "/run=" + serving().runId());
    JsonNode part = Json.read(Files.readString(note.resolve("_part.json")), JsonNode.class);
    assertThat(part.path("parts")).hasSameSizeAs(serving().parts());
  }
}
