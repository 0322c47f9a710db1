package dev.recount.demo;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real event data, which lies beside the project and is no part of it. */
final class SharedData {
  private SharedData() {}

  /** Skips the test, saying what is missing, where the file is not there. */
  static Path file(String name) {
    Path file =
        Recount.root().toAbsolutePath().resolveSibling("shared").resolve("data").resolve(name);
    assumeTrue(Files.isReadable(file), () -> "There is no '" + file + "', which this test reads");
    return file;
  }
}
