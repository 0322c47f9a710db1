package dev.recount.core.catalog;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementException;

/**
 * The steps that bring a catalog's tables up to date. Flyway takes longer to find that there is
 * none to do than most commands take for all they do, so it is asked only where one is missing.
 */
final class Migrations {
  private static final String FOLDER = "dev/recount/core/catalog";
  private static final Pattern FILE = Pattern.compile(".*/V(\\d+)__\\w+\\.sql");

  private Migrations() {}

  static void apply(DataSource source) {
    if (!isApplied(Jdbi.create(source), newest())) {
      Flyway.configure().dataSource(source).locations("classpath:" + FOLDER).load().migrate();
    }
  }

  private static boolean isApplied(Jdbi jdbi, int version) {
    try {
      return jdbi.withHandle(
          h ->
              h.createQuery(
                      """
                      SELECT COUNT(*) > 0 FROM "flyway_schema_history"
                      WHERE "version" = :version AND "success"
                      """)
                  .bind("version", String.valueOf(version))
                  .mapTo(Boolean.class)
                  .one());
    } catch (StatementException e) {
      // A new catalog has no such table.
      return false;
    }
  }

  /** The version of the last step; 0 if the files cannot be listed. */
  static int newest() {
    return files().stream()
        .map(FILE::matcher)
        .filter(Matcher::matches)
        .mapToInt(matcher -> Integer.parseInt(matcher.group(1)))
        .max()
        .orElse(0);
  }

  /** What is beside this class, in a folder or a jar. */
  private static List<String> files() {
    try {
      Path classes =
          Path.of(Migrations.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(classes)) {
        try (Stream<Path> files = Files.list(classes.resolve(FOLDER))) {
          return files.map(Path::toString).toList();
        }
      }
      try (JarFile jar = new JarFile(classes.toFile())) {
        return jar.stream().map(JarEntry::getName).filter(n -> n.startsWith(FOLDER)).toList();
      }
    } catch (IOException | URISyntaxException e) {
      // Flyway has ways of its own.
      return List.of();
    }
  }
}
