package dev.recount.apply;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.planner.compile.ViewCompiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every folder in docs/examples that has events can be applied; the others are mappings. */
class ExamplesTest {
  private static final Path EXAMPLES = TestSpark.SCHEMAS.resolveSibling("docs").resolve("examples");

  @Test
  void everyExample_isPlanned() throws IOException {
    List<Path> folders;
    try (Stream<Path> found = Files.list(EXAMPLES)) {
      folders = found.filter(f -> Files.isDirectory(f.resolve("events"))).sorted().toList();
    }
    assertThat(folders).hasSizeGreaterThanOrEqualTo(3);
    for (Path folder : folders) {
      CheckedSchemas checked =
          CheckedSchemas.read(folder, new ViewCompiler(TestSpark.SESSION), 1 << 20, Instant.EPOCH);
      assertThat(checked.problems()).as(folder.toString()).isEmpty();
    }
  }
}
