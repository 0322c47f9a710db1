package dev.recount.infra.stack;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.process.ClassData;
import dev.recount.core.process.ClassDataMaker;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Starts one process of the stack: its class path, its JVM flags, its logs. */
final class Launcher {
  /**
   * The shell ignores the terminal's signals and becomes the process: Ctrl-C reaches the command
   * that owns the stack, which stops the processes in order, and a closed terminal stops nothing.
   * It waits until its process id is noted, and ends if whoever should note it has ended.
   */
  private static final List<String> SHIELD =
      List.of("/bin/sh", "-c", "trap '' INT HUP; read -r noted && exec \"$@\" </dev/null", "sh");

  private final RecountConfig config;
  private final Path root;

  Launcher(RecountConfig config) {
    this.config = config;
    this.root = root();
  }

  private static Path root() {
    String root = System.getProperty("recount.root", System.getenv("RECOUNT_ROOT"));
    if (root == null || root.isBlank()) {
      throw new RecountException(
          ErrorCode.CONFIG_INVALID,
          "Cannot find Recount's own folder: neither the system property recount.root nor the"
              + " variable RECOUNT_ROOT is set; start with bin/recount");
    }
    return Path.of(root).toAbsolutePath().normalize();
  }

  ProcessLogs logs(ProcessSpec spec) {
    return new ProcessLogs(config.home(), spec.name());
  }

  /** Starts a process and notes its id: there is none that the home does not know. */
  Process launch(ProcessSpec spec, PidFile pidFile) {
    List<String> command = new ArrayList<>(SHIELD);
    command.addAll(javaCommand(spec));
    Process process = null;
    try {
      ProcessLogs logs = logs(spec);
      logs.begin();
      process =
          new ProcessBuilder(command)
              .directory(config.home().path().toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(logs.output().toFile()))
              .start();
      pidFile.write(process.toHandle());
      try (OutputStream waiting = process.getOutputStream()) {
        waiting.write('\n');
      }
      return process;
    } catch (IOException e) {
      destroy(process);
      throw RecountException.of(
          ErrorCode.STACK_START_FAILED, e, "Cannot start '%s': %s", spec.name(), e.getMessage());
    } catch (RecountException e) {
      destroy(process);
      throw e;
    }
  }

  private static void destroy(Process process) {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  private List<String> javaCommand(ProcessSpec spec) {
    Path classes = root.resolve(spec.module()).resolve("target/classes");
    Path mainFile = classes.resolve(spec.mainClass().replace('.', '/') + ".class");
    Optional<Path> missing =
        Files.exists(mainFile) ? JavaCommand.missing(root, spec.module()) : Optional.of(mainFile);
    if (missing.isPresent()) {
      throw RecountException.of(
          ErrorCode.STACK_START_FAILED,
          "Cannot start '%s': '%s' does not exist; build module '%s' (mvn package "
              + "-DskipTests)",
          spec.name(),
          missing.get(),
          spec.module());
    }
    List<String> command =
        JavaCommand.of(root, spec.module(), spec.name(), "", spec.mainClass(), spec.arguments());
    command.addAll(1, logs(spec).options(config.log().format()));
    return command;
  }

  /** Has class data made of what the processes noted until they ended. */
  void makeClassData(Collection<ProcessSpec> specs) {
    ClassDataMaker.start(
        specs.stream()
            .map(spec -> ClassData.of(root.resolve(spec.module()), spec.name()))
            .toList());
  }
}
