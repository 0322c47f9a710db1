package dev.recount.core.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who may ask the catalog, on a real H2 server. */
class CatalogPasswordTest extends CatalogOnH2 {
  @Test
  void serverTakesNoEmptyPassword_andMakesNoDatabase() throws SQLException {
    String url = "jdbc:h2:tcp://localhost:" + config.ports().catalog() + "/";
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() -> DriverManager.getConnection(url + "catalog", "recount", ""))
        .withMessageContaining("Wrong user name or password");
    for (String name : List.of("other", "mem:other", "../catalog/other")) {
      assertThatExceptionOfType(SQLException.class)
          .as(name)
          .isThrownBy(() -> DriverManager.getConnection(url + name, "recount", ""))
          .withMessageContaining("not found");
    }
  }

  @Test
  void passwordIsRandom_andOnlyItsOwnerReadsIt() throws IOException {
    Path file = CatalogPassword.file(config.home());
    assertThat(Files.readString(file).strip()).hasSize(48).isNotEqualTo(otherHomesPassword());
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  private String otherHomesPassword() throws IOException {
    RecountConfig other =
        RecountConfig.load(
            home.resolve("other; home"), Optional.of(config.ports().base()), Map.of());
    Files.createDirectories(other.home().catalog());
    System.setProperty("h2.baseDir", other.home().catalog().toString());
    new CatalogPassword(other).settle();
    return Files.readString(CatalogPassword.file(other.home())).strip();
  }

  @Test
  void homeWithTheEmptyPassword_keepsItsDataAndGetsOne() throws SQLException, IOException {
    catalog.putSetting("kept", "yes");
    sql("ALTER USER RECOUNT SET PASSWORD ''");
    Files.delete(CatalogPassword.file(config.home()));
    restart(config);
    assertThat(catalog.setting("kept")).contains("yes");
    assertThat(Files.readString(CatalogPassword.file(config.home())).strip()).hasSize(48);
  }

  @Test
  void passwordOfTheSettings_winsAndCanBeTakenBack() {
    catalog.putSetting("kept", "yes");
    int base = config.ports().base();
    restart(config(base, Map.of("RECOUNT_CATALOG_PASSWORD", "chosen '\" one")));
    assertThat(catalog.setting("kept")).contains("yes");
    restart(config(base, Map.of()));
    assertThat(catalog.setting("kept")).contains("yes");
  }

  @Test
  void lostPasswordFile_isNamed() throws IOException {
    catalog.close();
    server.stop();
    Files.delete(CatalogPassword.file(config.home()));
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> CatalogServer.start(config))
        .withMessageContaining(CatalogPassword.file(config.home()).toString())
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }

  private void restart(RecountConfig with) {
    catalog.close();
    server.stop();
    server = CatalogServer.start(with);
    catalog = Catalog.open(with);
  }

  private void sql(String statement) throws SQLException {
    String url = CatalogServer.url(config);
    try (Connection connection =
            DriverManager.getConnection(url, "recount", CatalogPassword.of(config));
        Statement sql = connection.createStatement()) {
      sql.execute(statement);
    }
  }
}
