package dev.recount.infra.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** Counts page views in the archive with another engine, and without any code of ours. */
final class ArchiveRecount {
  /** Two ways to count, group by group. */
  private static final String COMPARE =
      """
      WITH archived AS (
        SELECT * FROM read_parquet('%s/*.parquet', union_by_name = true)
        WHERE epoch_ms(_arrived_at) < %d),
      one AS (SELECT page_url, count(*) AS n FROM archived WHERE %s GROUP BY page_url),
      two AS (SELECT page_url, count(*) AS n FROM archived WHERE %s GROUP BY page_url)
      SELECT sum(one.n), sum(two.n), count(*) FILTER (one.n = two.n),
        count(*) FILTER (one.n <> two.n), count(*) FILTER (one.n IS NULL),
        count(*) FILTER (two.n IS NULL)
      FROM one FULL JOIN two USING (page_url)""";

  private final Path copies;

  /**
   * @param copies an empty folder for the archive's files, whose own names no pattern can say
   */
  ArchiveRecount(Path copies) throws IOException {
    this.copies = copies;
    int number = 0;
    for (String file : WholeStack.run("archive", "files", "page_view").lines().toList()) {
      Files.copy(Path.of(file.replaceFirst("^file:", "")), copies.resolve(number++ + ".parquet"));
    }
  }

  /**
   * Both totals, and how many pages are equal, changed, new and gone.
   *
   * @param before arrivals in milliseconds
   * @param first SQL condition of what the first counts
   */
  List<Long> compare(long before, String first, String second) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(COMPARE.formatted(copies, before, first, second))) {
      row.next();
      return List.of(
          row.getLong(1),
          row.getLong(2),
          row.getLong(3),
          row.getLong(4),
          row.getLong(5),
          row.getLong(6));
    }
  }
}
