package dev.recount.infra.stack;

import dev.recount.core.config.Home;
import dev.recount.error.ErrorCode;
import dev.recount.error.FileErrors;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The folder of a home: whether it can be worked in, and small files that are written whole. */
final class HomeFolder {
  /** Linux allows 4096 bytes; below the home come names of topics, views and segments. */
  private static final int MOST_PATH_BYTES = 3072;

  private static final int PROBE_BYTES = 64 * 1024;

  private HomeFolder() {}

  /**
   * Makes the folder if it is missing, and writes into it once.
   *
   * @throws RecountException FILE_UNUSABLE or DISK_FULL, before anything was started
   */
  static void requireUsable(Home home) {
    int length = home.path().toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > MOST_PATH_BYTES) {
      throw RecountException.of(
          ErrorCode.FILE_UNUSABLE,
          "Cannot use the home '%s': its path has %s bytes, at most %s leave room for "
              + "the files in it; use a shorter path (--home)",
          home.path(),
          length,
          MOST_PATH_BYTES);
    }
    if (home.path().toString().contains("%")) {
      throw RecountException.of(
          ErrorCode.FILE_UNUSABLE,
          "Cannot use the home '%s': its path has a '%%', which Pinot reads as the "
              + "beginning of an escape when it writes segments; give another --home",
          home.path());
    }
    Path probe = home.run().resolve("probe");
    try {
      Files.createDirectories(home.run());
      Files.createDirectories(home.logs());
      Files.write(
          probe,
          new byte[PROBE_BYTES],
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE,
          StandardOpenOption.SYNC);
    } catch (IOException e) {
      throw FileErrors.cannot("use the home", home.path(), e);
    } finally {
      deleteProbe(probe);
    }
  }

  private static void deleteProbe(Path probe) {
    try {
      Files.deleteIfExists(probe);
    } catch (IOException e) {
      // It could not be written either, which is being said.
      return;
    }
  }

  /** Writes a file that readers, and a full disk, find whole or not at all. */
  static void write(Path file, String text) {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(temporary, text);
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw FileErrors.cannot("write", file, e);
    }
  }
}
