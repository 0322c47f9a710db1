package dev.recount.core.catalog;

import dev.recount.core.config.Home;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.config.SecretFile;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The password of the local stack's catalog: the setting, else a random one that is made at the
 * first start and kept in a file that only its owner can read. Whoever may ask an H2 database may
 * also run code in it, and every user of the machine reaches its port.
 */
final class CatalogPassword {
  /** The database's name below the catalog's folder. */
  static final String DATABASE = "catalog";

  private static final int BYTES = 24;
  private static final int WRONG_USER_OR_PASSWORD = 28000;

  private final RecountConfig config;
  private final SecretFile file;

  CatalogPassword(RecountConfig config) {
    this.config = config;
    this.file = new SecretFile(file(config.home()), "the catalog's password");
  }

  static Path file(Home home) {
    return home.catalog().resolve("password");
  }

  /** What a client gives; empty if none has been made yet. */
  static String of(RecountConfig config) {
    String set = config.catalog().password();
    if (!set.isEmpty() || config.catalog().url().isPresent()) {
      return set;
    }
    return new CatalogPassword(config).file.read().orElse("");
  }

  /**
   * Makes a password if there is none, and sets it in the database. The database is opened without
   * its server, so that it cannot be reached before it has one.
   *
   * @throws RecountException CONFIG_INVALID if the database was made with yet another password
   */
  void settle() {
    Optional<String> kept = file.read();
    String wanted =
        Optional.of(config.catalog().password())
            .filter(p -> !p.isEmpty())
            .or(() -> kept)
            .orElseGet(CatalogPassword::random);
    if (kept.isEmpty()) {
      file.write(wanted);
    }
    Set<String> candidates = new LinkedHashSet<>();
    candidates.add(wanted);
    kept.ifPresent(candidates::add);
    // What homes had before there was a file.
    candidates.add("");
    String valid =
        candidates.stream().filter(this::opens).findFirst().orElseThrow(this::otherPassword);
    if (!valid.equals(wanted)) {
      change(valid, wanted);
    }
    if (!kept.equals(Optional.of(wanted))) {
      file.write(wanted);
    }
  }

  private RecountException otherPassword() {
    return RecountException.of(
        ErrorCode.CONFIG_INVALID,
        "Cannot open the catalog in '%s' as user '%s': it was made with a user or "
            + "password other than those in the settings and in '%s'; restore that file from "
            + "a copy, or set catalog.user and catalog.password",
        config.home().catalog(),
        config.catalog().user(),
        file.file());
  }

  private boolean opens(String password) {
    try (Connection connection = open(password)) {
      return connection.isValid(0);
    } catch (SQLException e) {
      if (e.getErrorCode() == WRONG_USER_OR_PASSWORD) {
        return false;
      }
      throw failed(e);
    }
  }

  private void change(String old, String wanted) {
    String user = config.catalog().user().toUpperCase(Locale.ROOT).replace("\"", "\"\"");
    try (Connection connection = open(old);
        PreparedStatement alter =
            connection.prepareStatement("ALTER USER \"" + user + "\" SET PASSWORD ?")) {
      alter.setString(1, wanted);
      alter.execute();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private Connection open(String password) throws SQLException {
    return DriverManager.getConnection("jdbc:h2:./" + DATABASE, config.catalog().user(), password);
  }

  private RecountException failed(SQLException e) {
    return RecountException.of(
        ErrorCode.CATALOG_UNAVAILABLE,
        e,
        "Cannot open the catalog in '%s': %s",
        config.home().catalog(),
        e.getMessage());
  }

  private static String random() {
    byte[] bytes = new byte[BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
