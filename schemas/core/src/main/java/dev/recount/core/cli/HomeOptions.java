package dev.recount.core.cli;

import dev.recount.core.config.Home;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that every command takes. */
public final class HomeOptions {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Folder that holds all state (default: $RECOUNT_HOME, else .recount).")
  private String home;

  @Option(
      names = "--port-base",
      paramLabel = "N",
      description = "First port of the local stack (default: 8080, or the running stack's).")
  private Integer portBase;

  /**
   * The folder named by the option, else by RECOUNT_HOME, else {@code .recount}.
   *
   * @throws RecountException CONFIG_INVALID if no folder can have that name
   */
  public Path home() {
    String variable = System.getenv("RECOUNT_HOME");
    if (home != null) {
      return checked(home, "--home");
    }
    return variable == null || variable.isEmpty()
        ? checked(".recount", "--home")
        : checked(variable, "RECOUNT_HOME");
  }

  private static Path checked(String text, String source) {
    String what = "Cannot use " + source + " '" + text + "': ";
    if (text.isBlank()) {
      throw RecountException.of(ErrorCode.CONFIG_INVALID, "%sname a folder", what);
    }
    if (text.indexOf('\uFFFD') >= 0) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID, "%sthe name is not UTF-8; rename it", what);
    }
    try {
      return new Home(Path.of(text)).path();
    } catch (InvalidPathException e) {
      throw new RecountException(
          ErrorCode.CONFIG_INVALID,
          what + e.getReason() + "; with letters beyond ASCII it needs a UTF-8 locale",
          e);
    }
  }

  public RecountConfig config() {
    return RecountConfig.load(home(), Optional.ofNullable(portBase), System.getenv());
  }
}
