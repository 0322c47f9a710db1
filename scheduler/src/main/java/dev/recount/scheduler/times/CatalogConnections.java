package dev.recount.scheduler.times;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.quartz.utils.ConnectionProvider;

/** Gives Quartz connections to the catalog's database, which it does not own. */
final class CatalogConnections implements ConnectionProvider {
  private final DataSource source;

  CatalogConnections(DataSource source) {
    this.source = source;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return source.getConnection();
  }

  @Override
  public void initialize() {}

  @Override
  public void shutdown() {}
}
