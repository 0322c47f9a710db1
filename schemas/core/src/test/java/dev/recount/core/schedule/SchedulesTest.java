package dev.recount.core.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.Json;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.RunBeat;
import dev.recount.core.catalog.RunFilter;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.catalog.ScheduleCatalog.Due;
import dev.recount.core.catalog.Standstill;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ScheduledMode;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people see and do, on a real catalog at a fixed moment. */
class SchedulesTest {
  private static final Instant NOW = Instant.parse("2026-03-28T10:30:00Z");

  @TempDir private Path home;
  private Catalog catalog;
  private Schedules schedules;

  @BeforeEach
  void open() {
    String url = "jdbc:h2:mem:" + UUID.randomUUID();
    RecountConfig config =
        RecountConfig.load(home, Optional.empty(), Map.of("RECOUNT_CATALOG_URL", url));
    catalog = Catalog.open(config);
    schedules = new Schedules(catalog, Clock.fixed(NOW, ZoneOffset.UTC));
    add("hourly", "-- @schedule 0 0 * * * ?\n-- @zone Asia/Kolkata\n-- @audit 0 0 4 * * ?");
    add("typed", "-- @time n");
    add("wrong", "-- @schedule every hour");
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private void add(String view, String header) {
    ViewFile file = ViewFile.parse(view, header + "\nSELECT count(*) AS n FROM e");
    catalog
        .views()
        .add(new ViewPlan(view, 1, "e", file.sql(), file.header(), List.of(), List.of()), 0);
  }

  private String begin(String view) {
    return catalog
        .runs()
        .begin(
            NOW.toEpochMilli(),
            RunRequest.FULL,
            RunRequest.SCHEDULE,
            0,
            "here",
            1,
            List.of(RunView.due(view, view + "_v1", RunRequest.FULL)));
  }

  /** However slow this is, it is not taken for dead before an hour has passed. */
  private String beginAndLive(String view) throws SQLException {
    String run = begin(view);
    anHourLater("batch_run");
    return run;
  }

  private void anHourLater(String table) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE " + table + " SET noted = noted + INTERVAL '1' HOUR");
    }
  }

  @Test
  void list_saysHowItStandsWithEachView() throws SQLException {
    ScheduleReport hourly = schedules.find("hourly");
    assertThat(hourly.state()).isEqualTo(ScheduleReport.SCHEDULED);
    assertThat(hourly.next()).isEqualTo("2026-03-28T11:30:00Z");
    assertThat(hourly.nextAudit()).isEqualTo("2026-03-28T22:30:00Z");
    assertThat(hourly.lastRun()).isNull();
    assertThat(schedules.find("typed").state()).isEqualTo(ScheduleReport.BY_HAND);
    ScheduleReport wrong = schedules.find("wrong");
    assertThat(wrong.state()).isEqualTo(ScheduleReport.INVALID);
    assertThat(wrong.problem()).contains("'every hour' is not a Quartz cron");

    catalog.schedules().due(new Due("hourly", NOW, 0, null), ScheduledMode.FULL);
    assertThat(schedules.find("hourly").lastDue()).isEqualTo(NOW);
    assertThat(schedules.find("hourly").pending().origin()).isEqualTo("schedule");
    String run = beginAndLive("hourly");
    catalog.requests().take(run, catalog.requests().due());
    assertThat(schedules.find("hourly").running()).isEqualTo(run);
    assertThat(schedules.find("hourly").pending()).isNull();
  }

  @Test
  void whatIsDoneTwice_isDoneOnce() throws SQLException {
    assertThat(schedules.pause("hourly").changed()).isTrue();
    assertThat(schedules.pause("hourly").changed()).isFalse();
    assertThat(schedules.find("hourly").state()).isEqualTo(ScheduleReport.PAUSED);
    assertThat(schedules.find("hourly").next()).isNull();
    assertThat(schedules.resume("hourly").message())
        .contains("'hourly' goes on, next at 2026-03-28T11:30:00Z")
        .contains("no scheduler runs now");
    assertThat(schedules.resume("hourly").changed()).isFalse();
    assertThat(schedules.trigger("typed", RunRequest.INCREMENTAL).changed()).isTrue();
    assertThat(schedules.trigger("typed", RunRequest.FULL).changed()).isFalse();
    assertThat(schedules.find("typed").pending().mode()).isEqualTo(RunRequest.FULL);
    String run = beginAndLive("typed");
    assertThat(schedules.cancel(null, "me").changed()).isTrue();
    assertThat(schedules.cancel(run, "you"))
        .isEqualTo(new Schedules.Done(false, "Run " + run + " was asked to end already"));
    assertThat(catalog.runs().cancelReason(run)).contains("cancelled by me");
    String beside = beginAndLive("hourly");
    assertThatThrownBy(() -> schedules.cancel(null, "me"))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining(run)
        .hasMessageContaining(beside);
  }

  @Test
  void anUnknownName_isRefusedWithTheNearest() {
    assertThatThrownBy(() -> schedules.trigger("hurly", RunRequest.FULL))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VIEW_UNKNOWN))
        .hasMessageContaining("did you mean 'hourly'?")
        .hasMessageContaining("the views are hourly, typed, wrong");
    assertThatThrownBy(() -> schedules.run("r"))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    assertThat(catalog.requests().all()).isEmpty();
  }

  @Test
  void history_isOfAllOrOfOneView_missedRunsToo() throws SQLException {
    String run = beginAndLive("typed");
    catalog.schedules().due(new Due("hourly", NOW, 2, NOW.minusSeconds(7_200)), ScheduledMode.FULL);
    assertThat(schedules.history(RunFilter.ALL, 10)).hasSize(2);
    assertThat(schedules.history(RunFilter.ALL.ofView("typed"), 10))
        .extracting(r -> r.runId())
        .containsExactly(run);
    assertThat(schedules.history(RunFilter.ALL.ofView("hourly"), 10))
        .extracting(r -> r.status())
        .containsExactly(BatchRun.MISSED);
    assertThat(schedules.history(RunFilter.ALL.ofView("wrong"), 10)).isEmpty();
    assertThatThrownBy(() -> schedules.history(RunFilter.ALL.ofView("none"), 10))
        .isInstanceOf(RecountException.class);
    assertThat(schedules.run(run).status()).isEqualTo(BatchRun.RUNNING);
    assertThat(
            schedules
                .cancel(schedules.history(RunFilter.ALL.ofView("hourly"), 1).get(0).runId(), "me")
                .message())
        .endsWith("has ended already: MISSED");
  }

  @Test
  void aViewsLastRun_isFound_howeverManyOthersHaveRunSince() throws SQLException {
    String daily = begin("hourly");
    for (int i = 0; i < 1_001; i++) {
      begin("typed");
    }
    new DeadRuns(catalog, RecountConfig.load(home, Optional.empty(), Map.of()).batch())
        .allAreDead();
    assertThat(schedules.find("hourly").lastRun().runId()).isEqualTo(daily);
    assertThat(schedules.history(RunFilter.ALL.ofView("hourly"), 10))
        .extracting(r -> r.runId())
        .containsExactly(daily);
    assertThat(schedules.history(RunFilter.ALL.ofView("typed"), 3)).hasSize(3);
    String running = beginAndLive("typed");
    assertThat(schedules.find("typed").running()).isEqualTo(running);
    assertThat(schedules.find("typed").lastRun().runId()).isLessThan(running);
    assertThat(schedules.find("wrong").lastRun()).isNull();
  }

  /** The error of a run may name views that who asks for one of them may not know. */
  @Test
  void errorOfTheLastRun_isThatOfTheViewAlone() {
    RunView hourly = RunView.due("hourly", "hourly_v1", RunRequest.FULL);
    RunView secret = RunView.due("secret", "secret_v1", RunRequest.FULL);
    RunView wrong = secret.failed("secret is wrong");
    assertThat(errorOf(hourly.failed("hourly is wrong"), wrong)).isEqualTo("hourly is wrong");
    assertThat(errorOf(hourly.published(1, 1, 1), wrong)).isEqualTo("BATCH_FAILED");
    assertThat(schedules.list().toString()).doesNotContain("secret is wrong");
    assertThat(errorOf(hourly)).as("a run over it alone").isEqualTo("secret is wrong");
  }

  /** What the last run over the view is said to have failed for, if it was one over these. */
  private String errorOf(RunView... views) {
    String run =
        catalog
            .runs()
            .begin(
                NOW.toEpochMilli(), RunRequest.FULL, RunRequest.HAND, 0, "here", 1, List.of(views));
    catalog
        .runs()
        .beat(
            new RunBeat(
                run,
                BatchRun.FAILED,
                NOW.toEpochMilli(),
                null,
                null,
                null,
                null,
                Json.write(List.of(views)),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                "BATCH_FAILED",
                "secret is wrong"));
    return schedules.find("hourly").lastRun().error();
  }

  @Test
  void pagesOfTheHistory_followEachOther_whateverComesOrGoesMeanwhile() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      all.add(0, begin(i % 5 == 0 ? "hourly" : "typed"));
    }
    List<String> read = new ArrayList<>();
    RunFilter filter = RunFilter.ALL;
    while (read.size() % 10 == 0) {
      schedules.history(filter, 10).forEach(run -> read.add(run.runId()));
      filter = filter.before(read.get(read.size() - 1));
      begin("typed");
      catalog.runs().prune(Duration.ofDays(1), 3);
    }
    assertThat(read).isEqualTo(all);
    assertThat(schedules.history(RunFilter.ALL.ofView("hourly").before(all.get(10)), 9))
        .extracting(RunReport::runId)
        .containsExactly(all.get(14), all.get(19), all.get(24));
    assertThat(schedules.history(RunFilter.ALL.before(all.get(24)), 9)).isEmpty();
    assertThatThrownBy(() -> schedules.history(RunFilter.ALL.before("yesterday"), 9))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void runsOfAStatus_areFound_howeverManyOthersThereAre() throws SQLException {
    String first = begin("typed");
    RecountConfig config = RecountConfig.load(home, Optional.empty(), Map.of());
    new DeadRuns(catalog, config.batch()).allAreDead();
    String second = beginAndLive("typed");
    RunFilter failed = RunFilter.ALL.withStatus(BatchRun.FAILED);
    RunFilter running = RunFilter.ALL.withStatus(BatchRun.RUNNING);
    assertThat(schedules.history(failed, 1)).extracting(RunReport::runId).containsExactly(first);
    assertThat(schedules.history(running.ofView("typed"), 9))
        .extracting(RunReport::runId)
        .containsExactly(second);
    assertThat(schedules.history(running.ofView("hourly"), 9)).isEmpty();
  }

  @Test
  void problems_areThoseOfTheScheduler_orThatThereIsNone() throws SQLException {
    assertThat(schedules.problems()).singleElement().asString().contains("no scheduler runs");
    catalog
        .services()
        .beat(Heartbeat.of(Standstill.SCHEDULER, 1, 0, 0, "{\"problems\":[\"too bad\"]}"));
    anHourLater("heartbeat");
    assertThat(schedules.problems()).containsExactly("too bad");
    assertThat(schedules.trigger("typed", RunRequest.FULL).message())
        .isEqualTo("A run of view 'typed' is asked for");
  }
}
