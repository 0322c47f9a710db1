package dev.recount.core.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.recount.core.Json;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.h2.engine.Constants;

/**
 * A file with all that a catalog held at one moment: SQL statements, compressed, between a line
 * that says what it is and one that shows that nothing of it is missing. It holds no passwords.
 */
public final class CatalogBackup {
  private static final String TITLE = "-- Recount catalog ";
  private static final String END = "-- end of the catalog";
  private static final int FORMAT = 1;

  private CatalogBackup() {}

  /**
   * What a backup is.
   *
   * @param layout how values of views are stored
   * @param schema the last migration that the catalog had
   * @param grainMs the width of an arrival bucket
   */
  public record Description(
      int format,
      Instant at,
      String layout,
      int schema,
      long grainMs,
      int events,
      int views,
      int runs) {

    /** For people. */
    public String text() {
      return events + " events, " + views + " versions of views, " + runs + " batch runs";
    }
  }

  /**
   * Writes a catalog that is in use to a file, whole or not at all.
   *
   * @throws RecountException CONFIG_INVALID if the catalog is no H2; CATALOG_UNAVAILABLE;
   *     FILE_UNUSABLE; DISK_FULL
   */
  public static Description write(RecountConfig config, Path file, Clock clock) {
    String url = config.catalog().url().orElseGet(() -> CatalogServer.url(config));
    requireH2(url, "back up", "pg_dump");
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (Connection connection =
        DriverManager.getConnection(url, config.catalog().user(), CatalogPassword.of(config))) {
      // All tables as they are at one moment, while others go on.
      connection.setTransactionIsolation(Constants.TRANSACTION_SNAPSHOT);
      connection.setAutoCommit(false);
      Description description = describe(connection, clock);
      write(connection, description, temporary);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return description;
    } catch (SQLException e) {
      throw RecountException.of(
          ErrorCode.CATALOG_UNAVAILABLE,
          e,
          "Cannot back up the catalog at '%s': %s; is the stack up? (recount up, recount status)",
          url,
          e.getMessage());
    } catch (IOException e) {
      throw FileErrors.cannot("write", file, e);
    } finally {
      deleteIfThere(temporary);
    }
  }

  static void requireH2(String url, String verb, String tool) {
    if (!url.startsWith("jdbc:h2:")) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot %s the catalog at '%s': it is not the local stack's H2; use the database's own "
              + "tools (PostgreSQL: %s)",
          verb,
          url,
          tool);
    }
  }

  private static void deleteIfThere(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // What went wrong before is what counts.
      return;
    }
  }

  private static Description describe(Connection connection, Clock clock) throws SQLException {
    return new Description(
        FORMAT,
        clock.instant().truncatedTo(ChronoUnit.MILLIS),
        text(
            connection,
            "SELECT setting_value FROM setting WHERE setting_name = '" + Catalog.LAYOUT + "'"),
        number(connection, "SELECT MAX(CAST(\"version\" AS INT)) FROM \"flyway_schema_history\""),
        number(
            connection,
            "SELECT setting_value FROM setting WHERE setting_name = '" + Catalog.GRAIN + "'"),
        number(connection, "SELECT COUNT(*) FROM event_type"),
        number(connection, "SELECT COUNT(*) FROM view_version"),
        number(connection, "SELECT COUNT(*) FROM batch_run"));
  }

  private static int number(Connection connection, String sql) throws SQLException {
    return Integer.parseInt(text(connection, sql));
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      result.next();
      return result.getString(1);
    }
  }

  private static void write(Connection connection, Description description, Path file)
      throws SQLException, IOException {
    try (Writer out =
            new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8);
        Statement statement = connection.createStatement();
        ResultSet lines = statement.executeQuery("SCRIPT NOPASSWORDS NOSETTINGS")) {
      out.write(TITLE + Json.write(description) + "\n");
      while (lines.next()) {
        String line = lines.getString(1);
        // Users are those of the home that it is restored into.
        if (!line.startsWith("CREATE USER ")) {
          out.write(line + "\n");
        }
      }
      out.write(END + "\n");
    }
  }

  /**
   * What a file holds; reads it to its end.
   *
   * @throws RecountException FILE_NOT_READABLE if it is no backup, or not a whole one
   */
  public static Description read(Path file) {
    try (BufferedReader lines = open(file)) {
      String title = lines.readLine();
      if (title == null || !title.startsWith(TITLE)) {
        throw noBackup(file, "it does not begin as one");
      }
      String last = title;
      for (String line = title; line != null; line = lines.readLine()) {
        last = line;
      }
      if (!last.equals(END)) {
        throw noBackup(file, "its end is missing");
      }
      return description(file, title);
    } catch (FileSystemException e) {
      throw FileErrors.cannot("read", file, e);
    } catch (IOException e) {
      throw noBackup(file, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private static Description description(Path file, String title) {
    try {
      Description description =
          Json.MAPPER.readValue(title.substring(TITLE.length()), Description.class);
      if (description.format() != FORMAT) {
        throw noBackup(file, "its format is " + description.format() + ", not " + FORMAT);
      }
      return description;
    } catch (JsonProcessingException e) {
      throw noBackup(file, "its first line is damaged");
    }
  }

  /** Its SQL statements, and two lines of comment around them. */
  static BufferedReader open(Path file) throws IOException {
    return new BufferedReader(
        new InputStreamReader(
            new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8));
  }

  private static RecountException noBackup(Path file, String reason) {
    return RecountException.of(
        ErrorCode.FILE_NOT_READABLE,
        "Cannot read '%s' as a backup of a catalog: %s; give a file that 'recount catalog backup' "
            + "wrote",
        file,
        reason);
  }
}
