package dev.recount.ingest.init;

import dev.recount.ingest.source.LineSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The files that are looked at. What comes by standard input is kept meanwhile, to be read twice.
 */
final class Inputs implements AutoCloseable {
  /** Of standard input, so much is looked at. */
  private static final long MOST_BYTES = 256L * 1024 * 1024;

  private final List<String> names;
  private final Path kept;

  private Inputs(List<String> names, Path kept) {
    this.names = names;
    this.kept = kept;
  }

  /**
   * @param files {@code -} or none: standard input
   */
  static Inputs of(List<String> files) throws IOException {
    List<String> given = files.isEmpty() ? List.of("-") : files;
    if (!given.contains("-")) {
      return new Inputs(given, null);
    }
    Path kept = Files.createTempFile("recount-init", ".in");
    try {
      copy(System.in, kept);
    } catch (IOException | RuntimeException e) {
      Files.delete(kept);
      throw e;
    }
    List<String> names = new ArrayList<>(given);
    names.replaceAll(name -> name.equals("-") ? kept.toString() : name);
    return new Inputs(names, kept);
  }

  private static void copy(InputStream in, Path file) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    try (OutputStream out = Files.newOutputStream(file)) {
      long left = MOST_BYTES;
      int read = in.read(buffer);
      while (read > 0 && left > 0) {
        out.write(buffer, 0, (int) Math.min(read, left));
        left -= read;
        read = in.read(buffer);
      }
    }
  }

  /** All of them, from their beginning. */
  List<LineSource> sources() {
    return names.stream().map(LineSource::of).toList();
  }

  @Override
  public void close() throws IOException {
    if (kept != null) {
      Files.deleteIfExists(kept);
    }
  }
}
