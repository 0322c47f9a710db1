package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.recount.core.Deadline;
import dev.recount.core.Loop;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a catalog on a real H2 server, as the local stack runs it. */
class CatalogBackupTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @TempDir private Path folder;
  private RecountConfig config;
  private Server server;
  private Path file;

  @BeforeEach
  void serve() throws IOException {
    file = folder.resolve("catalog.backup");
    config = config("a home", Map.of());
    start(config);
  }

  private RecountConfig config(String home, Map<String, String> environment) throws IOException {
    return RecountConfig.load(folder.resolve(home), Optional.of(FreePorts.base()), environment);
  }

  private void start(RecountConfig of) throws IOException {
    Files.createDirectories(of.home().catalog());
    server = CatalogServer.start(of);
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private static void put(RecountConfig config, String value) {
    try (Catalog catalog = Catalog.open(config)) {
      catalog.putSetting("test", value);
    }
  }

  private static Optional<String> get(RecountConfig config) {
    try (Catalog catalog = Catalog.open(config)) {
      return catalog.setting("test");
    }
  }

  @Test
  void restore_bringsBackWhatTheCatalogHeld_intoItsOwnHomeAndAnother() throws IOException {
    String value = "it's \n\u00e4 -- ; value";
    put(config, value);
    CatalogBackup.Description written = CatalogBackup.write(config, file, CLOCK);
    assertThat(written.at()).isEqualTo(NOW);
    assertThat(written.schema()).isEqualTo(Migrations.newest());
    assertThat(CatalogBackup.read(file)).isEqualTo(written);
    put(config, "later");
    server.stop();

    CatalogRestore restore = new CatalogRestore(config, file, CLOCK);
    assertThat(restore.replaces()).isTrue();
    restore.run();
    assertThat(restore.replaced()).exists();
    start(config);
    assertThat(get(config)).contains(value);
    server.stop();

    RecountConfig other = config("another", Map.of());
    CatalogRestore fresh = new CatalogRestore(other, file, CLOCK);
    assertThat(fresh.replaces()).isFalse();
    fresh.run();
    assertThat(fresh.replaced()).doesNotExist();
    start(other);
    assertThat(get(other)).contains(value);
  }

  @Test
  void restore_takesDeltasForDropped_andResultsForStale_thoughTheBackupIsOlder()
      throws IOException {
    try (Catalog catalog = Catalog.open(config)) {
      catalog.views().add(view("a"), 1);
      catalog.views().add(view("b"), 1);
      catalog.audits().dropping("a_v1", 30);
    }
    CatalogBackup.write(config, file, CLOCK);
    server.stop();
    new CatalogRestore(config, file, CLOCK).run();
    start(config);
    try (Catalog catalog = Catalog.open(config)) {
      assertThat(catalog.audits().progress("a_v1").droppedUntilMs()).isEqualTo(NOW.toEpochMilli());
      assertThat(catalog.audits().progress("b_v1").droppedUntilMs()).isEqualTo(NOW.toEpochMilli());
      assertThat(catalog.batch().fullRunDue("a_v1").orElseThrow().reason())
          .isEqualTo("the catalog was restored from a backup of " + NOW);
      assertThat(catalog.batch().fullRunDue("b_v1")).isPresent();
      assertThat(catalog.requests().due())
          .extracting(RunRequest::viewName, RunRequest::mode)
          .containsExactly(tuple("a", RunRequest.FULL), tuple("b", RunRequest.FULL));
    }
  }

  private static ViewPlan view(String name) {
    return new ViewPlan(name, 1, "e", "SELECT 1", Map.of(), List.of(), List.of(), List.of(), null);
  }

  @Test
  void backup_isOfOneMoment_thoughOthersWrite() throws Exception {
    put(config, "0");
    try (Connection writer = connect()) {
      writer.setAutoCommit(false);
      Loop loop = Loop.start("writer", Duration.ofMillis(1), () -> addARowToTwoTables(writer));
      try {
        for (int i = 0; i < 3; i++) {
          long before = rows("setting");
          Deadline.after(Duration.ofMinutes(2))
              .require("rows", Duration.ofMillis(1), () -> rows("setting") > before);
          CatalogBackup.write(config, file, CLOCK);
          assertThat(lines("n-")).isEqualTo(lines("e-")).isPositive();
        }
      } finally {
        loop.stop();
        loop.join(Duration.ofMinutes(2));
      }
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        CatalogServer.url(config), config.catalog().user(), CatalogPassword.of(config));
  }

  private static void addARowToTwoTables(Connection writer) throws SQLException {
    try (Statement statement = writer.createStatement()) {
      long name = System.nanoTime();
      statement.execute("INSERT INTO setting VALUES ('n-" + name + "', '')");
      statement.execute("INSERT INTO archive_roll VALUES ('e-" + name + "', 0)");
      writer.commit();
    }
  }

  private long rows(String table) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
      result.next();
      return result.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private long lines(String name) throws IOException {
    try (BufferedReader lines = CatalogBackup.open(file)) {
      return lines.lines().filter(line -> line.contains("'" + name)).count();
    }
  }

  @Test
  void backup_holdsNoUser() throws IOException {
    put(config, "");
    CatalogBackup.write(config, file, CLOCK);
    try (BufferedReader lines = CatalogBackup.open(file)) {
      assertThat(lines.lines()).noneMatch(line -> line.contains("CREATE USER"));
    }
  }

  @Test
  void backupWithoutACatalog_saysSo_andLeavesTheFileAsItWas() throws IOException {
    Files.writeString(file, "earlier");
    server.stop();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> CatalogBackup.write(config, file, CLOCK))
        .withMessageContaining("recount up")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CATALOG_UNAVAILABLE));
    assertThat(file).hasContent("earlier");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void postgres_isForItsOwnTools() throws IOException {
    RecountConfig postgres =
        config("pg", Map.of("RECOUNT_CATALOG_URL", "jdbc:postgresql://localhost/recount"));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> CatalogBackup.write(postgres, file, CLOCK))
        .withMessageContaining("pg_dump");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(postgres, file, CLOCK))
        .withMessageContaining("pg_restore");
  }

  @Test
  void whatIsNoWholeBackup_isRefused() throws IOException {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(config, file, CLOCK))
        .withMessage("Cannot read '" + file + "': no such file or folder");
    Files.writeString(file, "SELECT 1");
    assertRefused("GZIP");
    gzip("SELECT 1");
    assertRefused("does not begin as one");
    gzip("-- Recount catalog {\"format\": 2}\n-- end of the catalog\n");
    assertRefused("format is 2");
    gzip("-- Recount catalog what\n-- end of the catalog\n");
    assertRefused("first line is damaged");
    put(config, "");
    CatalogBackup.write(config, file, CLOCK);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertRefused("Unexpected end");
  }

  private void assertRefused(String reason) {
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(config, file, CLOCK))
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE));
  }

  private void gzip(String text) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void whatDoesNotFitThisHome_isRefused() throws IOException {
    put(config, "");
    CatalogBackup.write(config, file, CLOCK);
    RecountConfig grain = config("other", Map.of("RECOUNT_CUT_GRAIN", "7s"));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(grain, file, CLOCK))
        .withMessageContaining("cut.grain is 10 s")
        .withMessageContaining("here it is 7 s");
    String title =
        "-- Recount catalog {\"format\":1,\"layout\":\"%s\",\"schema\":%s,\"grain_ms\":10000}\n";
    gzip(String.format(title, "1", 1) + "-- end of the catalog\n");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(config, file, CLOCK))
        .withMessageContaining("layout 1");
    gzip(String.format(title, Catalog.CURRENT_LAYOUT, 9999) + "-- end of the catalog\n");
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(config, file, CLOCK))
        .withMessageContaining("version 9999");
  }

  @Test
  void restoreThatFails_leavesTheCatalogAsItWas() throws IOException {
    put(config, "kept");
    CatalogBackup.write(config, file, CLOCK);
    StringBuilder statements = new StringBuilder();
    try (BufferedReader lines = CatalogBackup.open(file)) {
      lines.lines().forEach(line -> statements.append(line).append('\n'));
    }
    gzip(statements.toString().replace("-- end", "NO STATEMENT;\n-- end"));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(config, file, CLOCK).run())
        .withMessageContaining("it is being served on port " + config.ports().catalog());
    server.stop();
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> new CatalogRestore(config, file, CLOCK).run())
        .withMessageContaining("NO")
        .withMessageContaining("the catalog is as it was");
    assertThat(config.home().catalog()).isDirectoryNotContaining("glob:**restoring*");
    start(config);
    assertThat(get(config)).contains("kept");
  }
}
