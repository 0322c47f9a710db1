package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.recount.batch.clean.CleanReport;
import dev.recount.batch.clean.Janitor;
import dev.recount.core.Deadline;
import dev.recount.core.cases.CaseFile;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.CaseCatalog;
import dev.recount.core.catalog.Lease;
import dev.recount.core.catalog.Publication;
import dev.recount.core.catalog.RequestCatalog;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.catalog.StatusReport;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.RecountException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.InstanceOfAssertFactories;

/** How runs fail, are cancelled, killed and kept waiting on a stack, and what is left of them. */
final class RunLife {
  private static final Duration AWAY = Duration.ofMinutes(1);

  private final BatchStack stack;

  RunLife(BatchStack stack) {
    this.stack = stack;
  }

  void requireThatOneViewFailsAlone() throws Exception {
    ViewPlan sound = stack.catalog().views().find("traffic", 1).orElseThrow().plan();
    stack
        .catalog()
        .views()
        .add(
            new ViewPlan(
                "tableless",
                1,
                sound.event(),
                sound.sql(),
                sound.header(),
                sound.indexes(),
                sound.dimensions(),
                sound.measures(),
                sound.join()),
            1);
    RequestCatalog requests = stack.catalog().requests();
    requests.add("traffic", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.add("tableless", RunRequest.FULL, RunRequest.SCHEDULE);

    assertThatThrownBy(() -> stack.runDue())
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("Cannot publish 1 of 2 views: tableless")
        .hasMessageContaining("run 'recount apply'");

    RunReport run = stack.catalog().runs().newest(1).get(0);
    assertThat(run.status()).isEqualTo(BatchRun.FAILED);
    assertThat(run.origin()).isEqualTo(RunRequest.SCHEDULE);
    assertThat(run.error()).contains("tableless");
    assertThat(run.views())
        .extracting(RunView::view, RunView::status)
        .containsExactlyInAnyOrder(
            tuple("tableless", RunView.FAILED), tuple("traffic", RunView.PUBLISHED));
    assertThat(stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId())
        .isEqualTo(run.runId());
    assertThat(stack.merged()).isEqualTo(stack.sent());
    assertThat(requests.all()).hasSize(1);
    assertThat(requests.pending().get(0).viewName()).isEqualTo("tableless");
    assertThat(requests.pending().get(0).attempt()).isEqualTo(1);

    assertThat(run.seconds()).containsKeys("wait", "list", "compute", "segments", "publish");
    assertThat(run.eventsRead()).isEqualTo(stack.sent());
    assertThat(run.rowsWritten()).isPositive();
    assertThat(run.cpuSeconds()).isPositive();
    assertThat(run.bytesRead()).isPositive();
    assertThat(run.bytesWritten()).isPositive();
    assertThat(run.peakMemoryBytes()).isGreaterThan(1 << 20);
    assertThat(
            Files.readString(
                stack.config().home().path().resolve("logs/runs/" + run.runId() + ".log")))
        .contains("compute: ", "tableless_v1_OFFLINE");

    assertThat(stack.runDue()).as("its retry is not due yet").isEmpty();
    assertThat(stack.catalog().runs().newest(1).get(0).runId()).isEqualTo(run.runId());
    requests.drop("tableless");
  }

  /** The events all have a method, and a status of 200 or 500. */
  void requireThatAssertionsBlockOrWarn() {
    CaseCatalog cases = stack.catalog().cases();
    CaseFile shipped = cases.of("traffic", 1).orElseThrow();
    String before = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId();
    String assertions =
        """
        assertions:
          - not_null: [hour, method]
            block: true
          - no_rows: SELECT hour, status, requests FROM traffic WHERE status = 200 AND requests > 0
            name: no request succeeds
            block: BLOCK
        """;
    cases.put("traffic", 1, "tests/traffic.yaml", assertions.replace("BLOCK", "true"));
    RequestCatalog requests = stack.catalog().requests();
    requests.add("traffic", RunRequest.FULL, RunRequest.SCHEDULE);
    requests.add("visitors", RunRequest.FULL, RunRequest.SCHEDULE);
    assertThatThrownBy(() -> stack.runDue())
        .isInstanceOf(RecountException.class)
        .hasMessageContaining("Cannot publish 1 of 2 views: traffic");
    RunReport blocked = stack.catalog().runs().newest(1).get(0);
    assertThat(blocked.status()).isEqualTo(BatchRun.FAILED);
    assertThat(blocked.views())
        .extracting(RunView::view, RunView::status)
        .containsExactlyInAnyOrder(
            tuple("traffic", RunView.FAILED), tuple("visitors", RunView.PUBLISHED));
    assertThat(blocked.error())
        .contains("breaks 'no request succeeds': ", "{hour=", "status=200", "tests/traffic.yaml");
    assertThat(stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId())
        .isEqualTo(before);
    assertThat(stack.merged()).isEqualTo(stack.sent());
    requests.drop("traffic");

    cases.put("traffic", 1, "tests/traffic.yaml", assertions.replace("BLOCK", "false"));
    stack.run("traffic");
    RunReport warned = stack.catalog().runs().newest(1).get(0);
    assertThat(warned.status()).isEqualTo(BatchRun.SUCCEEDED);
    assertThat(warned.views().get(0).status()).isEqualTo(RunView.PUBLISHED);
    assertThat(warned.views().get(0).warnings())
        .singleElement(InstanceOfAssertFactories.STRING)
        .startsWith("'no request succeeds': ");
    assertThat(StatusReport.of(stack.catalog(), stack.config(), Clock.systemUTC()).problems())
        .anyMatch(
            problem ->
                problem.startsWith(
                    "view 'traffic', run " + warned.runId() + ": 'no request succeeds': "));
    assertThat(stack.rollBack(warned.runId(), true).warnings())
        .as("what a roll-back to it says")
        .isEqualTo(warned.views().get(0).warnings());
    cases.put("traffic", 1, "tests/traffic.yaml", shipped.text());
  }

  void requireThatACancelledRunEnds() throws Exception {
    String before = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId();
    ExecutorService other = Executors.newSingleThreadExecutor();
    Future<RunSummary> run = other.submit(() -> stack.run("traffic"));
    await().atMost(Duration.ofMinutes(1)).until(() -> !stack.catalog().runs().running().isEmpty());
    String id = stack.catalog().runs().running().get(0).runId();
    assertThat(stack.catalog().runs().cancel(id, "not needed")).isTrue();

    assertThatThrownBy(() -> run.get(2, TimeUnit.MINUTES))
        .cause()
        .hasMessage(
            "Cannot finish the run: not needed; the old answers stay where no new ones are served yet");
    other.shutdown();
    RunReport cancelled = stack.catalog().runs().find(id).orElseThrow();
    assertThat(cancelled.status()).isEqualTo(BatchRun.CANCELLED);
    assertThat(cancelled.error()).isEqualTo("not needed");
    assertThat(cancelled.seconds()).as("it ended before it was through").doesNotContainKey("tidy");
    assertThat(stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow().runId())
        .isEqualTo(before);
    assertThat(stack.merged()).isEqualTo(stack.sent());
  }

  /** What a process has just done when it is killed. */
  enum Stage {
    LISTING,
    AGGREGATING,
    BUILDING,
    PUSHING,
    SWAPPING,
    CLEANING;

    private boolean isReached(BatchStack stack, String run) {
      return switch (this) {
        case LISTING -> true;
        case AGGREGATING -> Files.exists(lake(stack, "views", run));
        case BUILDING -> Files.exists(lake(stack, "segments", run));
        case PUSHING -> !stack.controller().unfinishedSwaps(BatchStack.TABLE).isEmpty();
        case SWAPPING ->
            stack.controller().servedSegments(BatchStack.TABLE).stream()
                .anyMatch(segment -> segment.contains(run));
        case CLEANING ->
            stack
                .catalog()
                .batch()
                .serving(BatchStack.TABLE)
                .filter(p -> p.runId().equals(run))
                .isPresent();
      };
    }

    private static Path lake(BatchStack stack, String kind, String run) {
      return Path.of(stack.config().lakeUri())
          .resolve(kind + "/" + BatchStack.TABLE + "/run=" + run);
    }
  }

  /**
   * Starts a run and kills it at a stage.
   *
   * @return whether it was there, and not past it
   */
  boolean requireThatAKilledRunLeavesNothing(Stage stage, String mode) throws Exception {
    long expected = stack.sent();
    Process run = stack.batchRun(mode).start();
    AtomicReference<String> reached = new AtomicReference<>();
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              stack.catalog().runs().running().stream()
                  .map(RunReport::runId)
                  .filter(running -> stage.isReached(stack, running))
                  .forEach(reached::set);
              return reached.get() != null || !run.isAlive();
            });
    run.destroyForcibly().waitFor();
    String id = reached.get();
    if (id == null || stack.catalog().runs().find(id).orElseThrow().hasEnded()) {
      return false;
    }

    stack.awaitMerged(expected);
    Janitor janitor = new Janitor(stack.config(), stack.catalog(), Clock.systemUTC());
    assertThat(janitor.clean(true).orElseThrow().isDryRun()).isTrue();
    assertThat(stack.catalog().runs().running()).hasSize(1);
    await()
        .atMost(Duration.ofMinutes(1))
        .until(
            () -> {
              janitor.clean(false);
              return stack.catalog().runs().running().isEmpty();
            });
    // Pinot lists a segment for some seconds after it was told to delete it.
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () -> {
              CleanReport again = janitor.clean(false).orElseThrow();
              assertThat(again.removed()).as("all was removed before").isEmpty();
              assertThat(again.left()).isEmpty();
            });

    RunReport dead = stack.catalog().runs().find(id).orElseThrow();
    assertThat(dead.status()).isEqualTo(BatchRun.FAILED);
    assertThat(dead.error()).contains("ended before the run did");
    Publication serving = stack.catalog().batch().serving(BatchStack.TABLE).orElseThrow();
    boolean isServed = serving.runId().equals(id);
    assertThat(stack.catalog().batch().publications(BatchStack.TABLE))
        .noneMatch(p -> p.status().equals(Publication.PUBLISHING));
    assertThat(stack.controller().unfinishedSwaps(BatchStack.TABLE)).isEmpty();
    assertThat(stack.controller().servedSegments(BatchStack.TABLE))
        .containsExactlyInAnyOrderElementsOf(serving.segments());
    if (!isServed) {
      assertThat(stack.controller().allSegments(BatchStack.TABLE))
          .noneMatch(segment -> segment.contains(id));
      assertThat(Stage.lake(stack, "views", id)).doesNotExist();
    }
    assertThat(Stage.lake(stack, "segments", id)).doesNotExist();
    assertThat(WorkFolder.all(stack.config().home())).isEmpty();
    assertThat(stack.merged()).isEqualTo(expected);
    return isServed == (stage == Stage.SWAPPING || stage == Stage.CLEANING);
  }

  /** As Ctrl-C, and the end of a service, do it. */
  void requireThatARunWhoseProcessIsToldToEndEndsCleanly() throws Exception {
    stack.catalog().requests().add("traffic", RunRequest.FULL, RunRequest.SCHEDULE);
    Process run = stack.batchRun("full").start();
    await().atMost(Duration.ofMinutes(1)).until(() -> !stack.catalog().runs().running().isEmpty());
    String id = stack.catalog().runs().running().get(0).runId();
    run.destroy();
    assertThat(run.waitFor(2, TimeUnit.MINUTES)).isTrue();

    RunReport ended = stack.catalog().runs().find(id).orElseThrow();
    assertThat(ended.status()).isEqualTo(BatchRun.CANCELLED);
    assertThat(ended.error()).isEqualTo("its process was told to end");
    assertThat(stack.catalog().leases().find(Lease.BATCH_RUN)).isEmpty();
    assertThat(stack.catalog().requests().due()).hasSize(1);
    assertThat(WorkFolder.all(stack.config().home())).isEmpty();
    assertThat(stack.runDue()).isPresent();
    assertThat(stack.merged()).isEqualTo(stack.sent());
  }

  void requireThatARunWaitsFor(String process) throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    Future<RunSummary> run = other.submit(() -> stack.run("traffic"));
    await().atMost(Duration.ofMinutes(1)).until(() -> !stack.catalog().runs().running().isEmpty());
    stack.local().kill(process);
    Deadline.after(AWAY).pause(AWAY);
    stack.local().start(process);

    run.get(5, TimeUnit.MINUTES);
    other.shutdown();
    assertThat(stack.catalog().runs().newest(1).get(0).status()).isEqualTo(BatchRun.SUCCEEDED);
    stack.awaitMerged(stack.sent());
  }
}
