package dev.recount.infra.stack;

import dev.recount.core.config.RecountConfig;
import dev.recount.core.process.ClassData;
import dev.recount.core.process.ClassDataMaker;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Starts one process of the stack: its class path, its JVM flags, its log. */
final class Launcher {
  /**
   * The shell ignores the terminal's signals and becomes the process: Ctrl-C reaches the command
   * that owns the stack, which stops the processes in order, and a closed terminal stops nothing.
   */
  private static final List<String> SHIELD =
      List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh");

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

  Path log(ProcessSpec spec) {
    return config.home().logs().resolve(spec.name() + ".log");
  }

  Process launch(ProcessSpec spec) {
    List<String> command = new ArrayList<>(SHIELD);
    command.addAll(javaCommand(spec));
    try {
      Files.createDirectories(config.home().logs());
      keepPreviousLog(log(spec));
      return new ProcessBuilder(command)
          .directory(config.home().path().toFile())
          .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.appendTo(log(spec).toFile()))
          .start();
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.STACK_START_FAILED, e, "Cannot start '%s': %s", spec.name(), e.getMessage());
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
    return JavaCommand.of(root, spec.module(), spec.name(), "", spec.mainClass(), spec.arguments());
  }

  /** Has class data made of what the processes noted until they ended. */
  void makeClassData(Collection<ProcessSpec> specs) {
    ClassDataMaker.start(
        specs.stream()
            .map(spec -> ClassData.of(root.resolve(spec.module()), spec.name()))
            .toList());
  }

  /** One earlier log is kept, so that logs do not grow from start to start. */
  private static void keepPreviousLog(Path log) throws IOException {
    if (Files.exists(log) && Files.size(log) > 0) {
      String name = log.getFileName().toString().replace(".log", ".previous.log");
      Files.move(log, log.resolveSibling(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** What the process last said. */
  String lastLines(ProcessSpec spec, int count) {
    try (Stream<String> lines = Files.lines(log(spec), StandardCharsets.ISO_8859_1)) {
      List<String> all = lines.toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - count), all.size()));
    } catch (IOException e) {
      return "(no log)";
    }
  }
}
