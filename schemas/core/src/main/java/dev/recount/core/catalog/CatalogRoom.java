package dev.recount.core.catalog;

import dev.recount.core.config.RecountConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether the local stack's catalog has room on its disk: without, H2 breaks at its next write. */
public final class CatalogRoom {
  private static final long MIB = 1024 * 1024;

  /** More than it writes until somebody has made room. */
  private static final long LEAST_BYTES = 8 * MIB;

  private CatalogRoom() {}

  /** What is wrong, in words; empty if there is room enough, or the catalog is elsewhere. */
  public static Optional<String> problem(RecountConfig config) {
    Path folder = config.home().catalog();
    if (config.catalog().url().isPresent() || !Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try {
      long free = Files.getFileStore(folder).getUsableSpace();
      return free >= LEAST_BYTES
          ? Optional.empty()
          : Optional.of(
              "only "
                  + free / MIB
                  + " MiB are free on the disk of '"
                  + folder
                  + "', and the catalog needs "
                  + LEAST_BYTES / MIB
                  + "; it waits until there is more");
    } catch (IOException e) {
      // Whoever opens the catalog says what is wrong with its folder.
      return Optional.empty();
    }
  }
}
