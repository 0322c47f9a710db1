package dev.recount.core.catalog;

import dev.recount.core.cases.CaseFile;
import dev.recount.core.cases.CaseSource;
import java.util.Map;
import java.util.Optional;

/** The tests of views as they were applied, each with the version that it was applied with. */
public final class CaseCatalog {
  private final Sql sql;

  CaseCatalog(Sql sql) {
    this.sql = sql;
  }

  /** A file of tests as it is stored. */
  public record Stored(String fileName, String fileText) {}

  /** Keeps the tests of a version in place of those that it had. */
  public void put(String view, int version, String file, String text) {
    sql.together(
        s -> {
          s.update(
              "DELETE FROM view_case_file WHERE view_name = :view AND version = :version",
              Map.of("view", view, "version", version));
          s.update(
              """
              INSERT INTO view_case_file (view_name, version, file_name, file_text)
              VALUES (:view, :version, :file, :text)""",
              Map.of("view", view, "version", version, "file", file, "text", text));
        });
  }

  /** A version has no tests any more. */
  public void drop(String view, int version) {
    sql.update(
        "DELETE FROM view_case_file WHERE view_name = :view AND version = :version",
        Map.of("view", view, "version", version));
  }

  /** The tests of a version; empty if it has none. */
  public Optional<CaseFile> of(String view, int version) {
    return sql.first(
            Stored.class,
            """
            SELECT file_name, file_text FROM view_case_file
            WHERE view_name = :view AND version = :version""",
            Map.of("view", view, "version", version))
        .map(s -> CaseFile.parse(new CaseSource(view, s.fileName()), s.fileText()));
  }
}
