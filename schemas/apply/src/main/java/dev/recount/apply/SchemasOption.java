package dev.recount.apply;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where the user's events and views are. */
public final class SchemasOption {
  @Option(
      names = "--schemas",
      paramLabel = "DIR",
      description =
          "Folder with events/*.avsc and views/*.sql, and tests/*.yaml (default: the repository's).")
  private Path folder;

  /**
   * @throws RecountException SCHEMAS_NOT_FOUND
   */
  public Path folder() {
    if (folder != null) {
      return folder;
    }
    String root = System.getProperty("recount.root", System.getenv("RECOUNT_ROOT"));
    if (root == null) {
      throw new RecountException(
          ErrorCode.SCHEMAS_NOT_FOUND,
          "Cannot find the repository's schemas: RECOUNT_ROOT is not set; name a folder with"
              + " --schemas");
    }
    return Path.of(root, "schemas");
  }
}
