package dev.recount.core.catalog;

import dev.recount.core.config.Home;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
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
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final RecountConfig config;
  private final Path file;

  CatalogPassword(RecountConfig config) {
    this.config = config;
    this.file = file(config.home());
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
    return new CatalogPassword(config).read().orElse("");
  }

  /**
   * Makes a password if there is none, and sets it in the database. The database is opened without
   * its server, so that it cannot be reached before it has one.
   *
   * @throws RecountException CONFIG_INVALID if the database was made with yet another password
   */
  void settle() {
    Optional<String> kept = read();
    String wanted =
        Optional.of(config.catalog().password())
            .filter(p -> !p.isEmpty())
            .or(() -> kept)
            .orElseGet(CatalogPassword::random);
    if (kept.isEmpty()) {
      write(wanted);
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
      write(wanted);
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
        file);
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

  private Optional<String> read() {
    try {
      return Optional.of(Files.readString(file).strip()).filter(p -> !p.isEmpty());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw FileErrors.cannot("read the catalog's password in", file, e);
    }
  }

  private void write(String password) {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.deleteIfExists(temporary);
      Files.createFile(temporary, OWNER_ONLY);
      Files.writeString(temporary, password + "\n", StandardOpenOption.SYNC);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw FileErrors.cannot("write the catalog's password to", file, e);
    }
  }
}
