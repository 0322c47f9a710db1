package dev.recount.scheduler.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import dev.recount.scheduler.TestCatalog;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is started when views are due; the commands are shells that do as they are told. */
class DueRunsTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(1);

  @TempDir private Path home;
  private final List<String> started = new ArrayList<>();
  private Path log;
  private Catalog catalog;
  private String script = "read line";
  private Process process;
  private RecountConfig config;
  private DueRuns runs;
  private List<Runnable> turns;

  @BeforeEach
  void open() {
    config = TestCatalog.config(home);
    log = config.home().logs().resolve("batch-run.log");
    catalog = Catalog.open(config);
    pauseAfterStartsInVain(Duration.ofHours(1));
  }

  private void pauseAfterStartsInVain(Duration pause) {
    Task clean = new Task(new Command(this::launch, home.resolve("clean.log"), "batch", "clean"));
    runs = new DueRuns(catalog, config, this::launch, clean, Clock.systemUTC(), pause);
    turns = List.of(runs::settle, runs::turn, clean::turn);
  }

  @AfterEach
  void close() throws InterruptedException {
    runs.end(Duration.ZERO);
    catalog.close();
  }

  private Process launch(List<String> words, Path log) throws IOException {
    started.add(String.join(" ", words));
    Process begun =
        new ProcessBuilder("/bin/sh", "-c", words.contains("run") ? script : "true")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log.toString())))
            .start();
    process = words.contains("run") ? begun : process;
    return begun;
  }

  private void turn() {
    turns.forEach(Runnable::run);
  }

  private void add(String view) {
    catalog.requests().add(view, RunRequest.FULL, RunRequest.SCHEDULE);
  }

  /** Does in the catalog what a run does that begins. */
  private String begin(Process of) {
    String run =
        catalog
            .runs()
            .begin(
                Clock.systemUTC().millis(),
                RunRequest.FULL,
                RunRequest.SCHEDULE,
                0,
                "here",
                of.pid(),
                List.of(RunView.due("pages", "pages_v1", RunRequest.FULL)));
    catalog.requests().take(run, catalog.requests().due());
    return run;
  }

  @Test
  void viewsThatAreDue_shareOneRun_andOneThatComesDueMeanwhileWaits() throws IOException {
    turn();
    assertThat(started).isEmpty();
    add("pages");
    add("visitors");
    script = "echo computing; read line";
    turn();
    turn();
    assertThat(started).containsExactly("batch run --due");
    String run = begin(process);
    add("pages");
    await().atMost(SOON).until(() -> Files.size(log) > 0);
    turn();
    assertThat(runs.runId()).contains(run);

    catalog.requests().done(run, List.of("pages", "visitors"));
    process.getOutputStream().close();
    process.destroy();
    await().atMost(SOON).until(() -> !process.isAlive());
    turn();
    assertThat(runsStarted()).isEqualTo(2);
    assertThat(log.resolveSibling("batch-run.previous.log")).hasContent("computing");
  }

  @Test
  void nothingIsStarted_whileAnotherComputes() throws SQLException {
    add("pages");
    catalog.leases().take(Lease.BATCH_RUN, "another", HeldLease.SILENCE);
    // However slow this is, the other is not silent before an hour has passed.
    execute("UPDATE lease SET noted = noted + INTERVAL '1' HOUR");
    turn();
    assertThat(started).isEmpty();
    catalog.leases().release(Lease.BATCH_RUN, "another");
    turn();
    assertThat(started).containsExactly("batch run --due");
  }

  @Test
  void aStartInVain_isSaid_andNotTriedAgainBeforeItsPauseIsOver() {
    add("pages");
    turnUntil(() -> runs.problem().isPresent(), "echo no catalog; exit 3");
    assertThat(runs.problem().orElseThrow())
        .contains("'recount batch run --due' ended with exit code 3")
        .contains(log.toString());
    turn();
    assertThat(runsStarted()).isEqualTo(1);
  }

  @Test
  void afterThePause_aRunIsTriedAgain_andItsSuccessEndsTheProblem() throws IOException {
    pauseAfterStartsInVain(SHORT);
    Path mended = home.resolve("mended");
    add("pages");
    add("visitors");
    turnUntil(() -> runs.problem().isPresent(), "test -e '%s' || exit 3".formatted(mended));

    // From here on each start succeeds; the one that may be under way does not count.
    Files.createFile(mended);
    long before = runsStarted();
    turnUntil(() -> runsStarted() > before, script);
    catalog.requests().drop("pages");
    turnUntil(() -> runs.problem().isEmpty(), script);
    assertThat(catalog.requests().due()).extracting(RunRequest::viewName).contains("visitors");
  }

  @Test
  void aProblem_isOver_onceNothingIsDue() {
    add("pages");
    turnUntil(() -> runs.problem().isPresent(), "exit 3");
    catalog.requests().drop("pages");
    turn();
    assertThat(runs.problem()).isEmpty();
  }

  private void turnUntil(Callable<Boolean> condition, String script) {
    this.script = script;
    await()
        .atMost(SOON)
        .until(
            () -> {
              turn();
              return condition.call();
            });
  }

  private long runsStarted() {
    return started.stream().filter(words -> words.contains("--due")).count();
  }

  @Test
  void anExitCode_isNotLost_ifTheCatalogFailsInThatMoment() throws SQLException {
    add("pages");
    script = "exit 3";
    turn();
    await().atMost(SOON).until(() -> !process.isAlive());
    execute("ALTER TABLE run_request RENAME TO hidden");
    assertThatThrownBy(runs::settle).isInstanceOf(RecountException.class);
    execute("ALTER TABLE hidden RENAME TO run_request");
    execute("ALTER TABLE batch_run RENAME TO hidden");
    assertThatThrownBy(runs::settle).isInstanceOf(RecountException.class);
    execute("ALTER TABLE hidden RENAME TO batch_run");
    turn();
    assertThat(runs.problem().orElseThrow()).contains("ended with exit code 3");
    assertThat(started).contains("batch clean");
  }

  private void execute(String statement) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        Statement one = connection.createStatement()) {
      one.execute(statement);
    }
  }

  @Test
  void aRunWhoseProcessDied_isFailed_itsViewsAreDueAgain_andItsRemainsAreRemoved() {
    add("pages");
    turn();
    String run = begin(process);
    turn();
    process.destroyForcibly();
    turnUntil(() -> !catalog.requests().pending().isEmpty(), script);
    assertThat(catalog.runs().find(run).orElseThrow().status()).isEqualTo(BatchRun.FAILED);
    assertThat(started).contains("batch clean");
    assertThat(catalog.requests().pending())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.origin()).isEqualTo(RunRequest.RETRY);
              assertThat(request.attempt()).isEqualTo(1);
            });
    turnUntil(() -> runsStarted() == 2, script);
  }
}
