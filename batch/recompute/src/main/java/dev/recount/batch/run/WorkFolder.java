package dev.recount.batch.run;

import dev.recount.core.config.Home;
import dev.recount.error.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.FileUtils;

/** Where a run's process keeps what it needs only while it runs: {@code run/work/<run>}. */
public record WorkFolder(Path path) implements AutoCloseable {
  static WorkFolder make(Home home, String runId) {
    Path path = all(home).resolve(runId);
    try {
      return new WorkFolder(Files.createDirectories(path));
    } catch (IOException e) {
      throw FileErrors.cannot("make", path, e);
    }
  }

  /** Where those of all runs are. */
  public static Path all(Home home) {
    return home.run().resolve("work");
  }

  @Override
  public void close() {
    FileUtils.deleteQuietly(path.toFile());
  }
}
