package dev.recount.core.catalog;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Looks whether the database that this process serves can be asked. H2 that could not write, for
 * want of room on the disk, closes the database but for its file's lock: it never opens it again,
 * and only a new process can.
 */
final class CatalogProbe {
  /** One may meet a database that is just being closed or opened. */
  private static final int LOOKS = 3;

  private final RecountConfig config;
  private final String url;
  private int failures;

  /**
   * @param url where the database is
   */
  CatalogProbe(RecountConfig config, String url) {
    this.config = config;
    this.url = url;
  }

  /**
   * Asks once; to be called again and again.
   *
   * @throws RecountException CATALOG_UNAVAILABLE if it could not be asked some times in a row
   */
  void look() {
    try (Connection connection =
            DriverManager.getConnection(url, config.catalog().user(), CatalogPassword.of(config));
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
      failures = 0;
    } catch (SQLException e) {
      failures++;
      if (failures >= LOOKS) {
        throw RecountException.of(
            ErrorCode.CATALOG_UNAVAILABLE,
            e,
            "Cannot keep serving the catalog in '%s': it could not be asked %s times in a row (%s);"
                + " it has to be started again%s",
            config.home().catalog(),
            failures,
            e.getMessage(),
            CatalogRoom.problem(config).map(problem -> ": " + problem).orElse(""));
      }
    }
  }
}
