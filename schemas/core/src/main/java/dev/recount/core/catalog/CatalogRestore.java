package dev.recount.core.catalog;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import org.h2.tools.RunScript;

/**
 * Makes the local stack's catalog what a backup says it was. The stack must be down. The new
 * catalog is made beside the old one, and takes its place when it is whole and has been opened.
 */
public final class CatalogRestore {
  private static final String BESIDE = CatalogPassword.DATABASE + ".restoring";
  private static final String REPLACED = CatalogPassword.DATABASE + ".replaced";
  private static final String NO_TRACE = ";TRACE_LEVEL_FILE=0";
  private static final int ANSWER_MILLIS = 1000;
  private static final int IN_USE = org.h2.api.ErrorCode.DATABASE_ALREADY_OPEN_1;

  private final RecountConfig config;
  private final Path file;
  private final Clock clock;
  private final CatalogBackup.Description description;

  /**
   * @throws RecountException if the file cannot become this home's catalog: FILE_NOT_READABLE,
   *     CONFIG_INVALID
   */
  public CatalogRestore(RecountConfig config, Path file, Clock clock) {
    config
        .catalog()
        .url()
        .ifPresent(
            url -> {
              throw RecountException.of(
                  ErrorCode.CONFIG_INVALID,
                  "Cannot restore the catalog at '%s': it is not the local stack's H2; use the "
                      + "database's own tools (PostgreSQL: pg_restore)",
                  url);
            });
    this.config = config;
    this.file = file;
    this.clock = clock;
    this.description = CatalogBackup.read(file);
    requireUsable();
  }

  private void requireUsable() {
    requireEqual("views are stored in layout", description.layout(), Catalog.CURRENT_LAYOUT);
    requireEqual(
        "cut.grain is",
        DurationText.of(Duration.ofMillis(description.grainMs())),
        DurationText.of(config.cut().grain()));
    if (description.schema() > Migrations.newest()) {
      throw refused(
          "tables are of version " + description.schema(),
          String.valueOf(Migrations.newest()),
          "use the version of Recount that made it, or a newer one");
    }
  }

  private void requireEqual(String what, String found, String wanted) {
    if (!found.equals(wanted)) {
      throw refused(what + " " + found, wanted, "restore it into a home that is like its own");
    }
  }

  private RecountException refused(String found, String wanted, String advice) {
    return RecountException.of(
        ErrorCode.CONFIG_INVALID,
        "Cannot restore the catalog from '%s': its %s, here it is %s; %s",
        file,
        found,
        wanted,
        advice);
  }

  public CatalogBackup.Description description() {
    return description;
  }

  /** Whether the home has a catalog that would be replaced. */
  public boolean replaces() {
    return Files.exists(database(CatalogPassword.DATABASE));
  }

  /** Where the replaced catalog is kept. */
  public Path replaced() {
    return database(REPLACED);
  }

  private Path database(String name) {
    return config.home().catalog().resolve(name + ".mv.db");
  }

  /**
   * Does it.
   *
   * @throws RecountException CATALOG_UNAVAILABLE if the database is in use, or cannot be made; the
   *     old one is then as it was
   */
  public void run() {
    System.setProperty("h2.baseDir", config.home().catalog().toString());
    Path beside = database(BESIDE);
    try {
      Files.createDirectories(config.home().catalog());
      requireUnused();
      Files.deleteIfExists(beside);
      make();
      if (replaces()) {
        Files.copy(
            database(CatalogPassword.DATABASE), replaced(), StandardCopyOption.REPLACE_EXISTING);
      }
      Files.move(
          beside,
          database(CatalogPassword.DATABASE),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (SQLException e) {
      throw failed(e);
    } catch (IOException e) {
      throw FileErrors.cannot("restore the catalog in", config.home().catalog(), e);
    } finally {
      deleteIfThere(beside);
    }
  }

  private static void deleteIfThere(Path beside) {
    try {
      Files.deleteIfExists(beside);
    } catch (IOException e) {
      // What went wrong before is what counts.
      return;
    }
  }

  /** A catalog that cannot be opened for another reason may be why it is restored. */
  private void requireUnused() throws SQLException {
    requireUnserved();
    if (!replaces()) {
      return;
    }
    try (Connection connection = open(CatalogPassword.DATABASE, ";IFEXISTS=TRUE")) {
      connection.isValid(0);
    } catch (SQLException e) {
      if (e.getErrorCode() == IN_USE) {
        throw e;
      }
    }
  }

  /** A server opens the database when it is asked for it, and would take the new one unseen. */
  private void requireUnserved() {
    InetAddress here = InetAddress.getLoopbackAddress();
    int port = config.ports().catalog();
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(here, port), ANSWER_MILLIS);
    } catch (IOException e) {
      return;
    }
    throw RecountException.of(
        ErrorCode.CONFIG_INVALID,
        "Cannot restore the catalog in '%s': it is being served on port %s; stop it first "
            + "(recount down)",
        config.home().catalog(),
        port);
  }

  private void make() throws SQLException, IOException {
    try (Connection connection = open(BESIDE, NO_TRACE);
        Reader statements = CatalogBackup.open(file)) {
      RunScript.execute(connection, statements);
    }
    try (Catalog catalog = Catalog.open(config, "jdbc:h2:./" + BESIDE + NO_TRACE)) {
      // Since then batches may have been published, deltas dropped and events erased.
      for (ViewVersion view : catalog.views().all()) {
        String table = view.plan().table();
        catalog.audits().dropping(table, clock.millis());
        catalog
            .batch()
            .requireFull(table, "the catalog was restored from a backup of " + description.at());
      }
      catalog
          .views()
          .active()
          .forEach(
              view -> catalog.requests().add(view.viewName(), RunRequest.FULL, RunRequest.HAND));
    }
  }

  private Connection open(String database, String options) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:h2:./" + database + options, config.catalog().user(), CatalogPassword.of(config));
  }

  private RecountException failed(SQLException e) {
    return RecountException.of(
        ErrorCode.CATALOG_UNAVAILABLE,
        e,
        "Cannot restore the catalog in '%s' from '%s': %s; the catalog is as it was",
        config.home().catalog(),
        file,
        e.getMessage());
  }
}
