package dev.recount.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.Cron;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalog, and schedulers that share it, on a real PostgreSQL server. */
class PostgresIT {
  private static final Duration SOON = Duration.ofSeconds(150);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final Clock CLOCK = Clock.systemUTC();
  private static final ZoneId UTC = ZoneId.of("UTC");

  /** Keeps each time that is asked for. */
  private static final String NOTE_TIMES =
      """
      CREATE TABLE asked (view_name TEXT, due_ms BIGINT);
      CREATE FUNCTION note_asked() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO asked VALUES (NEW.view_name, NEW.due_ms); RETURN NULL; END';
      CREATE TRIGGER asked AFTER UPDATE OF due_ms ON view_schedule
        FOR EACH ROW EXECUTE FUNCTION note_asked()""";

  @TempDir private static Path folder;
  private static EmbeddedPostgres postgres;

  @BeforeAll
  static void start() throws IOException {
    postgres = EmbeddedPostgres.builder().start();
  }

  @AfterAll
  static void stop() throws IOException {
    postgres.close();
  }

  private static Map<String, String> settings(String database) throws SQLException {
    execute(postgres.getPostgresDatabase().getConnection(), "CREATE DATABASE " + database);
    return Map.of(
        "RECOUNT_CATALOG_URL",
        postgres.getJdbcUrl("postgres", database),
        "RECOUNT_CATALOG_USER",
        "postgres");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static RecountConfig config(Map<String, String> settings) {
    return RecountConfig.load(folder, Optional.empty(), settings);
  }

  @Test
  void everyMethodOfTheCatalog_runsOnPostgres_onEmptyTablesAndOnOwnRows()
      throws SQLException, ReflectiveOperationException {
    List<Methods.Call> calls = Methods.all();
    assertThat(calls).hasSizeGreaterThan(60);
    try (Catalog catalog = Catalog.open(config(settings("methods")))) {
      execute(
          catalog.dataSource().getConnection(),
          "INSERT INTO batch_run (run_id, mode, status, process_id, started_ms) VALUES ('"
              + Methods.NAME
              + "', 'full', 'RUNNING', 1, 1)");
      List<String> failed = new ArrayList<>();
      for (int round = 0; round < 2; round++) {
        for (Methods.Call call : calls) {
          call.on(catalog)
              .filter(thrown -> !isDuplicate(thrown))
              .ifPresent(thrown -> failed.add(call + ": " + thrown));
        }
      }
      assertThat(failed).isEmpty();
    }
  }

  /** What a second round adds is there. */
  private static boolean isDuplicate(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException known && known.getSQLState().equals("23505")) {
        return true;
      }
    }
    return false;
  }

  @Test
  void ofTwoSchedulers_oneIsKilledWhileItsJobRuns_andEachDueTimeAsksForOneRun()
      throws SQLException, IOException, InterruptedException {
    Map<String, String> settings = settings("schedulers");
    List<Process> schedulers = new ArrayList<>();
    try (Catalog catalog = Catalog.open(config(settings))) {
      TestCatalog.apply(catalog, "often", "-- @schedule 0/5 * * * * ?");
      execute(catalog.dataSource().getConnection(), NOTE_TIMES);
      schedulers.add(scheduler("one", settings));
      schedulers.add(scheduler("two", settings));
      await().atMost(SOON).until(() -> beats(catalog).containsAll(names()));
      Queue<RunRequest> taken = new ConcurrentLinkedQueue<>();
      AtomicBoolean isOver = new AtomicBoolean();
      Thread runs = new Thread(() -> run(catalog, taken, isOver), "runs");
      runs.start();

      TestCatalog.apply(catalog, "once", "-- @schedule 0 0 0 1 1 ? 2098");
      await().atMost(SOON).until(() -> hasTimer(catalog, "once"));
      catalog.schedules().pause("once", false);
      Instant once = CLOCK.instant().truncatedTo(ChronoUnit.SECONDS);
      try (Connection blocking = catalog.dataSource().getConnection()) {
        blocking.setAutoCommit(false);
        try (Statement lock = blocking.createStatement()) {
          lock.execute("SELECT * FROM view_schedule WHERE view_name = 'once' FOR UPDATE");
        }
        execute(
            catalog.dataSource().getConnection(),
            "UPDATE qrtz_triggers SET next_fire_time = "
                + once.toEpochMilli()
                + " WHERE trigger_name = 'once'");
        await().atMost(SOON).pollInterval(POLL).until(() -> firing(catalog, "once").isPresent());
        kill(schedulers, firing(catalog, "once").orElseThrow());
        blocking.rollback();
      }
      await().atMost(SOON).pollInterval(POLL).until(() -> count(taken, "once") > 0);
      Instant last = Instant.ofEpochMilli(catalog.schedules().find("often").get().dueMs());
      await()
          .atMost(SOON)
          .until(() -> catalog.schedules().find("often").get().dueMs() > last.toEpochMilli());
      Instant begun = begun(catalog);
      catalog.schedules().pause("often", true);
      await().atMost(SOON).until(() -> catalog.requests().all().isEmpty());
      isOver.set(true);
      runs.join();

      await().atMost(SOON).until(() -> firing(catalog, "once").isEmpty());
      assertThat(count(taken, "once")).isEqualTo(1);
      assertThat(catalog.schedules().find("once").get().dueMs()).isEqualTo(once.toEpochMilli());
      assertThat(asked(catalog)).doesNotHaveDuplicates();
      assertThat(asked(catalog).size() + missed(catalog)).isEqualTo(due(catalog, begun));
      assertThat(count(taken, "often")).isBetween(1L, (long) asked(catalog).size());
    } finally {
      schedulers.forEach(Process::destroyForcibly);
    }
  }

  /** The times of the view that were asked for; one run may be for several, which are near. */
  private static List<Long> asked(Catalog catalog) throws SQLException {
    List<Long> asked = new ArrayList<>();
    try (Connection connection = catalog.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT due_ms FROM asked WHERE view_name = 'often'")) {
      while (rows.next()) {
        asked.add(rows.getLong(1));
      }
    }
    return asked;
  }

  private static boolean hasTimer(Catalog catalog, String view) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT 1 FROM qrtz_triggers WHERE trigger_name = '" + view + "'")) {
      return rows.next();
    }
  }

  private static Process scheduler(String name, Map<String, String> settings) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                TestScheduler.class.getName(),
                "--home",
                Files.createDirectories(folder.resolve(name)).toString())
            .redirectErrorStream(true)
            .redirectOutput(new File("target", "scheduler-" + name + ".log"));
    builder.environment().putAll(settings);
    return builder.start();
  }

  private static List<String> names() {
    return List.of(SchedulerService.NAME, SchedulerService.STANDBY);
  }

  private static List<String> beats(Catalog catalog) {
    return catalog.services().heartbeats().stream().map(Heartbeat::service).toList();
  }

  /** Does at once what is asked for, as runs would. */
  private static void run(Catalog catalog, Queue<RunRequest> taken, AtomicBoolean isOver) {
    while (!isOver.get()) {
      for (RunRequest request : catalog.requests().due()) {
        String run = "run" + taken.size();
        catalog.requests().take(run, List.of(request));
        catalog.requests().done(run, List.of(request.viewName()));
        taken.add(request);
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
  }

  private static long count(Queue<RunRequest> taken, String view) {
    return taken.stream().filter(request -> request.viewName().equals(view)).count();
  }

  /** The scheduler whose job of a view runs now. */
  private static Optional<String> firing(Catalog catalog, String view) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT instance_name FROM qrtz_fired_triggers WHERE state = 'EXECUTING' AND"
                    + " job_name = '"
                    + view
                    + "'")) {
      return rows.next() ? Optional.of(rows.getString(1)) : Optional.empty();
    }
  }

  private static void kill(List<Process> schedulers, String instance) throws InterruptedException {
    List<Process> named =
        schedulers.stream().filter(s -> instance.contains("-" + s.pid() + "-")).toList();
    assertThat(named).hasSize(1);
    named.get(0).destroyForcibly().waitFor();
  }

  /** How many times of the view passed from its first one on, until its last one. */
  private static int due(Catalog catalog, Instant begun) {
    Instant until = Instant.ofEpochMilli(catalog.schedules().find("often").get().dueMs());
    return Cron.of("0/5 * * * * ?", UTC).count(begun.minusMillis(1), until.plusMillis(1), 1_000);
  }

  private static Instant begun(Catalog catalog) throws SQLException {
    try (Connection connection = catalog.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT start_time FROM qrtz_triggers WHERE trigger_name = 'often'")) {
      assertThat(rows.next()).isTrue();
      return Instant.ofEpochMilli(rows.getLong(1));
    }
  }

  private static long missed(Catalog catalog) {
    return catalog.runs().newest(100).stream()
        .filter(run -> run.status().equals(BatchRun.MISSED))
        .mapToLong(run -> Long.parseLong(run.error().replaceFirst(" .*", "")))
        .sum();
  }
}
