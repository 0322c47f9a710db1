package dev.recount.batch.run;

import dev.recount.core.config.Home;
import dev.recount.error.FileErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/**
 * Where a run's process keeps what it needs only while it runs. It is in the temporary folder, not
 * in the home, because Spark takes a comma in the name of such a folder for the end of the name.
 */
public record WorkFolder(String runId, Path path) implements AutoCloseable {
  private static final long KIB = 1024;

  static WorkFolder make(Home home, String runId) {
    try {
      return new WorkFolder(
          runId, Files.createTempDirectory(temporary(), prefix(home) + runId + "-"));
    } catch (IOException e) {
      throw FileErrors.cannot("make a folder in", temporary(), e);
    }
  }

  /**
   * Why a run would find too little room for its work, in words; empty if there is enough, or no
   * folder at all.
   *
   * @param leastBytes that must be free
   */
  static Optional<String> problem(long leastBytes) {
    try {
      long free = Files.getFileStore(temporary()).getUsableSpace();
      return free >= leastBytes
          ? Optional.empty()
          : Optional.of(
              "only %d KiB are free in the temporary folder '%s' (java.io.tmpdir), and a run needs"
                      .formatted(free / KIB, temporary())
                  + " %d KiB there".formatted(leastBytes / KIB));
    } catch (IOException e) {
      // Whoever makes a folder there says so.
      return Optional.empty();
    }
  }

  /** Those that runs of a home have left on this host, or still use. */
  public static List<WorkFolder> all(Home home) {
    String prefix = prefix(home);
    try (Stream<Path> files = Files.list(temporary())) {
      return files
          .filter(path -> path.getFileName().toString().startsWith(prefix))
          .sorted()
          .map(path -> new WorkFolder(runId(prefix, path), path))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String runId(String prefix, Path path) {
    return path.getFileName().toString().substring(prefix.length()).replaceFirst("-.*", "");
  }

  /** Another for each home: they share the temporary folder. */
  private static String prefix(Home home) {
    byte[] name = home.path().toString().getBytes(StandardCharsets.UTF_8);
    return "recount-run-" + UUID.nameUUIDFromBytes(name).toString().replace("-", "") + "-";
  }

  private static Path temporary() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  @Override
  public void close() {
    FileUtils.deleteQuietly(path.toFile());
  }
}
