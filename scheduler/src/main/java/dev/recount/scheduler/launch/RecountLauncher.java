package dev.recount.scheduler.launch;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts commands by {@code bin/recount}, on the scheduler's own home. */
public final class RecountLauncher implements Launcher {
  private final Path program;
  private final RecountConfig config;

  private RecountLauncher(Path program, RecountConfig config) {
    this.program = program;
    this.config = config;
  }

  /**
   * The launcher of the checkout that this process was started from.
   *
   * @throws RecountException CONFIG_INVALID if it is not known
   */
  public static RecountLauncher of(RecountConfig config) {
    String root = System.getProperty("recount.root", System.getenv("RECOUNT_ROOT"));
    if (root == null || !Files.isExecutable(Path.of(root, "bin", "recount"))) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot start runs: there is no program 'bin/recount' in '%s'; start the scheduler by"
              + " 'recount up'",
          root);
    }
    return new RecountLauncher(Path.of(root, "bin", "recount"), config);
  }

  @Override
  public Process start(List<String> words, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(words);
    command.addAll(
        List.of(
            "--home",
            config.home().path().toString(),
            "--port-base",
            String.valueOf(config.ports().base())));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(config.home().path().toFile())
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    // What runs is what was started: a build would change the classes of the stack beneath it.
    builder.environment().put("RECOUNT_SKIP_BUILD", "1");
    return builder.start();
  }
}
