package dev.recount.ingest.door;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real event data, which is beside the project and is not a part of it. */
public final class SharedData {
  private SharedData() {}

  /**
   * Skips the test, saying what is missing, where the file is not there. Where the environment has
   * CI=true the test fails instead: there nobody reads what was skipped.
   */
  public static Path file(String name) {
    Path file =
        Path.of(System.getProperty("recount.root"))
            .toAbsolutePath()
            .resolveSibling("shared")
            .resolve("data")
            .resolve(name);
    String missing = "There is no '" + file + "', which this test reads";
    if (Boolean.parseBoolean(System.getenv("CI"))) {
      assertTrue(Files.isReadable(file), missing);
    }
    assumeTrue(Files.isReadable(file), missing);
    return file;
  }
}
