package dev.recount.infra.demo.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** The peer of the recomputation: the same three GROUP BYs over the same Parquet files. */
final class DuckDb {
  private static final Map<String, String> VIEWS = new LinkedHashMap<>();

  static {
    VIEWS.put(
        "page_views",
        "SELECT date_trunc('minute', event_time) AS minute, page_url, browser, count(*) AS views,"
            + " approx_count_distinct(session_id) AS visitors FROM %s GROUP BY ALL");
    VIEWS.put(
        "traffic",
        "SELECT date_trunc('hour', event_time) AS hour, method, status, count(*) AS requests,"
            + " sum(bytes) AS bytes, min(bytes) AS min_bytes, max(bytes) AS max_bytes,"
            + " avg(bytes) AS avg_bytes FROM %s GROUP BY ALL");
    VIEWS.put(
        "visitors",
        "SELECT date_trunc('day', event_time) AS day, count(*) AS requests,"
            + " approx_count_distinct(ip_address) AS ip_addresses FROM %s GROUP BY ALL");
  }

  private DuckDb() {}

  /** How long a view took and how many groups it had. */
  record Timing(double seconds, long groups) {}

  /**
   * Runs the views one after the other, each into a table of its own.
   *
   * @param glob of the archive's files
   */
  static Map<String, Timing> run(String glob, int threads) throws SQLException {
    Map<String, Timing> timings = new LinkedHashMap<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET threads = " + threads);
      statement.execute("SET memory_limit = '8GB'");
      for (Map.Entry<String, String> view : VIEWS.entrySet()) {
        long start = System.nanoTime();
        statement.execute(
            "CREATE TABLE "
                + view.getKey()
                + " AS "
                + String.format(view.getValue(), "read_parquet('" + glob + "')"));
        double seconds = (System.nanoTime() - start) / 1e9;
        try (ResultSet count = statement.executeQuery("SELECT count(*) FROM " + view.getKey())) {
          count.next();
          timings.put(view.getKey(), new Timing(seconds, count.getLong(1)));
        }
      }
    }
    return timings;
  }
}
