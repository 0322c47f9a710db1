package dev.recount.scheduler.times;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.view.Cron;
import dev.recount.scheduler.TestCatalog;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Quartz in a real catalog. */
class QuartzTimersTest {
  private static final String EACH_SECOND = "* * * * * ?";
  private static final String RARELY = "0 0 0 1 1 ? 2098";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir private Path home;
  private final Queue<String> started = new ConcurrentLinkedQueue<>();
  private Catalog catalog;
  private QuartzTimers timers;

  @BeforeEach
  void start() {
    catalog = Catalog.open(TestCatalog.config(home));
    begin();
  }

  private void begin() {
    timers = QuartzTimers.start(catalog, "test", (kind, name) -> started.add(kind + " " + name));
  }

  @AfterEach
  void stop() {
    timers.close();
    catalog.close();
  }

  private static Timer run(String view, String cron) {
    return Timer.of(Timer.Kind.RUN, view, Cron.of(cron, ZoneId.of("Asia/Tokyo")));
  }

  private long dueMs(String view) {
    return catalog.schedules().find(view).map(state -> state.dueMs()).orElse(0L);
  }

  @Test
  void eachTime_asksForARunOfItsView_withTheModeOfItsHeader() {
    TestCatalog.apply(catalog, "pages", "-- @schedule " + EACH_SECOND + "\n-- @mode incremental");
    timers.follow(List.of(run("pages", EACH_SECOND)));
    await().atMost(SOON).until(() -> !catalog.requests().pending().isEmpty());
    assertThat(catalog.requests().pending())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.viewName()).isEqualTo("pages");
              assertThat(request.mode()).isEqualTo(RunRequest.FULL);
              assertThat(request.origin()).isEqualTo(RunRequest.SCHEDULE);
            });
    catalog.requests().drop("pages");
    await().atMost(SOON).until(() -> !catalog.requests().pending().isEmpty());
    assertThat(catalog.requests().pending().get(0).mode()).isEqualTo(RunRequest.INCREMENTAL);
    assertThat(catalog.runs().newest(10)).isEmpty();
  }

  @Test
  void timers_followWhatIsWanted_andThoseThatStayAreNotDisturbed() throws SQLException {
    TestCatalog.apply(catalog, "a", "-- @schedule " + RARELY);
    TestCatalog.apply(catalog, "b", "-- @schedule " + RARELY);
    timers.follow(List.of(run("a", RARELY), run("b", RARELY)));
    long begun = time("a", "START_TIME");
    assertThat(time("a", "NEXT_FIRE_TIME"))
        .isEqualTo(
            Cron.of(RARELY, ZoneId.of("Asia/Tokyo"))
                .next(CLOCK.instant())
                .orElseThrow()
                .toEpochMilli());
    shift("a", "START_TIME", -5_000);
    timers.follow(List.of(run("a", RARELY), run("b", EACH_SECOND)));
    assertThat(time("a", "START_TIME")).isEqualTo(begun - 5_000);
    TestCatalog.apply(catalog, "b", "-- @schedule " + EACH_SECOND);
    await().atMost(SOON).until(() -> dueMs("b") > 0);
    timers.follow(List.of(run("a", RARELY)));
    assertThat(time("b", "START_TIME")).isZero();
  }

  @Test
  void tasksAndAudits_areStartedHere() {
    Cron cron = Cron.of(EACH_SECOND, ZoneId.of("UTC"));
    timers.follow(
        List.of(
            Timer.of(Timer.Kind.TASK, "clean", cron), Timer.of(Timer.Kind.AUDIT, "pages", cron)));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(started).contains("TASK clean", "AUDIT pages"));
  }

  @Test
  void timesThatPassedWhileNothingRan_areMissed_andMadeUpForOnce() throws SQLException {
    Instant now = CLOCK.instant();
    // Its next regular time is minutes away, however long this takes.
    int minute = (now.atZone(ZoneId.of("UTC")).getMinute() + 5) % 10;
    String cron = "0 %d/10 * * * ?".formatted(minute);
    TestCatalog.apply(catalog, "pages", "-- @schedule " + cron);
    timers.follow(List.of(run("pages", cron)));
    timers.close();
    shift("pages", "NEXT_FIRE_TIME", -Duration.ofHours(1).toMillis());
    shift("pages", "START_TIME", -Duration.ofHours(1).toMillis());
    begin();
    await().atMost(SOON).until(() -> !catalog.requests().pending().isEmpty());
    assertThat(catalog.requests().pending())
        .singleElement()
        .extracting(RunRequest::origin)
        .isEqualTo(RunRequest.MISSED);
    List<RunReport> history = catalog.runs().newest(10);
    assertThat(history).hasSize(1);
    assertThat(history.get(0).status()).isEqualTo(BatchRun.MISSED);
    assertThat(history.get(0).views().get(0).view()).isEqualTo("pages");
    assertThat(history.get(0).error()).startsWith("6 runs of view 'pages' since ");
    assertThat(history.get(0).started())
        .isBetween(now.minus(Duration.ofMinutes(56)), now.minus(Duration.ofMinutes(54)));
    // Quartz goes on with the next regular time.
    assertThat(time("pages", "NEXT_FIRE_TIME")).isGreaterThan(now.toEpochMilli());
  }

  @Test
  void aTimeThatIsDueWhileTheCatalogFails_isNotLost() throws SQLException {
    TestCatalog.apply(catalog, "pages", "-- @schedule " + RARELY);
    timers.follow(List.of(run("pages", RARELY)));
    timers.close();
    shift("pages", "NEXT_FIRE_TIME", CLOCK.millis() - 1_000 - time("pages", "NEXT_FIRE_TIME"));
    execute("ALTER TABLE view_schedule RENAME TO hidden");
    begin();
    await().atMost(SOON).until(() -> time("pages", "PREV_FIRE_TIME") > 0);
    // It tries at once, and in vain.
    await()
        .atMost(SOON)
        .during(Duration.ofSeconds(2))
        .until(() -> catalog.requests().pending().isEmpty());
    execute("ALTER TABLE hidden RENAME TO view_schedule");
    await().atMost(SOON).until(() -> !catalog.requests().pending().isEmpty());
  }

  private void execute(String statement) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        Statement one = connection.createStatement()) {
      one.execute(statement);
    }
  }

  @Test
  void aViewThatIsGoneOrNoLongerScheduled_asksForNothing() {
    TestCatalog.apply(catalog, "byhand", "-- @time n");
    TestCatalog.apply(catalog, "pages", "-- @schedule " + EACH_SECOND);
    timers.follow(
        List.of(run("byhand", EACH_SECOND), run("gone", EACH_SECOND), run("pages", EACH_SECOND)));
    await().atMost(SOON).until(() -> dueMs("pages") > 0);
    long first = dueMs("pages");
    await().atMost(SOON).until(() -> dueMs("pages") > first);
    assertThat(catalog.requests().pending())
        .extracting(RunRequest::viewName)
        .containsExactly("pages");
  }

  private long time(String view, String column) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        PreparedStatement select =
            connection.prepareStatement(
                "SELECT MAX(" + column + ") FROM QRTZ_TRIGGERS WHERE TRIGGER_NAME = ?")) {
      select.setString(1, view);
      try (var rows = select.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private void shift(String view, String column, long ms) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE QRTZ_TRIGGERS SET "
                    + column
                    + " = "
                    + column
                    + " + ? WHERE TRIGGER_NAME = ?")) {
      update.setLong(1, ms);
      update.setString(2, view);
      update.executeUpdate();
    }
  }
}
