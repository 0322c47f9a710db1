package dev.recount.infra.demo.drive;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs {@code bin/recount} on one home, as a user would. */
public final class Recount {
  private final RecountConfig config;

  public Recount(RecountConfig config) {
    this.config = config;
  }

  /** The repository's root: the system property recount.root, else RECOUNT_ROOT. */
  public static Path root() {
    String root = System.getProperty("recount.root", System.getenv("RECOUNT_ROOT"));
    if (root == null) {
      throw new RecountException(
          ErrorCode.CONFIG_INVALID, "Cannot find Recount: start it by bin/recount");
    }
    return Path.of(root);
  }

  /** A command of Recount, not yet started; home and ports are added. */
  public ProcessBuilder command(String... words) {
    List<String> command = new ArrayList<>();
    command.add(root().resolve("bin/recount").toString());
    command.addAll(withHome(words));
    return new ProcessBuilder(command);
  }

  /** The words with home and ports added. */
  public List<String> withHome(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(
        List.of(
            "--home",
            config.home().path().toString(),
            "--port-base",
            String.valueOf(config.ports().base())));
    return all;
  }

  /**
   * Runs a command with this process's own input and output.
   *
   * @return its exit code
   */
  public int run(String... words) {
    try {
      return command(words).inheritIO().start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RecountException.of(
          ErrorCode.INTERNAL, e, "Cannot run '%s': interrupted", String.join(" ", words));
    }
  }

  /** Like {@link #run}, but any exit code but 0 is an error. */
  public void require(String... words) {
    int code = run(words);
    if (code != 0) {
      throw RecountException.of(
          ErrorCode.COMMAND_FAILED,
          "Cannot go on: 'recount %s' ended with exit code %s",
          String.join(" ", words),
          code);
    }
  }
}
