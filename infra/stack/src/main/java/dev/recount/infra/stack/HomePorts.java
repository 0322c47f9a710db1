package dev.recount.infra.stack;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a home on the ports it was first started with: Pinot writes the addresses of its servers
 * and of Kafka into its tables.
 */
final class HomePorts {
  private HomePorts() {}

  /**
   * @throws RecountException CONFIG_INVALID if the home's data was made with other ports
   */
  static void keep(RecountConfig config) {
    Path file = file(config);
    try {
      if (!Files.exists(file)) {
        return;
      }
      String made = Files.readString(file).strip();
      if (!made.equals(String.valueOf(config.ports().base()))) {
        throw RecountException.of(
            ErrorCode.CONFIG_INVALID,
            "Cannot start the stack with port-base %s: the data in '%s' was made with %s, "
                + "and Pinot's tables name their servers by port; use --port-base %s, or another "
                + "--home",
            config.ports().base(),
            config.home().path(),
            made,
            made);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void write(RecountConfig config) {
    String base = config.ports().base() + "\n";
    HomeFolder.write(file(config), base);
    HomeFolder.write(config.home().portBaseFile(), base);
  }

  private static Path file(RecountConfig config) {
    return config.home().pinot().resolve("port-base");
  }
}
