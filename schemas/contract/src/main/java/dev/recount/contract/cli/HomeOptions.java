package dev.recount.contract.cli;

import dev.recount.contract.config.RecountConfig;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that every command takes. */
public final class HomeOptions {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Folder of all state (default: $RECOUNT_HOME, else .recount).")
  private Path home;

  @Option(
      names = "--port-base",
      paramLabel = "N",
      description = "First port of the local stack (default: 8080, or the running stack's).")
  private Integer portBase;

  /** The folder named by the option, else by RECOUNT_HOME, else {@code .recount}. */
  public Path home() {
    if (home != null) {
      return home.toAbsolutePath().normalize();
    }
    String variable = System.getenv("RECOUNT_HOME");
    return Path.of(variable == null || variable.isBlank() ? ".recount" : variable)
        .toAbsolutePath()
        .normalize();
  }

  public RecountConfig config() {
    return RecountConfig.load(home(), Optional.ofNullable(portBase), System.getenv());
  }
}
