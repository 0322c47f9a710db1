package dev.recount.infra.stack;

import dev.recount.core.process.ClassData;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The command line of a process of a module: its JVM flags, its class path, as bin/recount has it.
 */
public final class JavaCommand {
  private static final String MODULES = "recount.modules";

  private JavaCommand() {}

  /**
   * @param root the repository's
   * @param module its folder, below the root
   */
  public static List<String> of(
      Path root, String module, String mainClass, List<String> arguments) {
    return of(root, module, "", mainClass, arguments);
  }

  /** The same with more class path behind that of the module. */
  public static List<String> of(
      Path root, String module, String moreClassPath, String mainClass, List<String> arguments) {
    String program = mainClass.replaceFirst(".*[./]", "");
    return of(root, module, program, moreClassPath, mainClass, arguments);
  }

  /**
   * @param program names its class data: a class that does different things is several programs
   */
  static List<String> of(
      Path root,
      String module,
      String program,
      String moreClassPath,
      String mainClass,
      List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Duser.timezone=UTC");
    command.add("-Drecount.root=" + root);
    Path options = root.resolve(module).resolve("jvm.options");
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    command.addAll(ClassData.of(root.resolve(module), program).options());
    String more = System.getenv().getOrDefault("RECOUNT_JAVA_OPTIONS", "").strip();
    if (!more.isEmpty()) {
      command.addAll(added(List.of(more.split("\\s+"))));
    }
    command.add("-cp");
    command.add(
        classPath(root, module)
            + (moreClassPath.isEmpty() ? "" : File.pathSeparator + moreClassPath));
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  /** The JVM takes one collector only: one that is asked for replaces the module's. */
  static List<String> added(List<String> options) {
    List<String> added = new ArrayList<>();
    if (options.stream().anyMatch(option -> option.matches("-XX:\\+Use\\w+GC"))) {
      added.addAll(List.of("-XX:-UseSerialGC", "-XX:-UseParallelGC", "-XX:-UseG1GC"));
    }
    added.addAll(options);
    return added;
  }

  /** What is missing of a module's class path: a list of its parts, or a part. */
  static Optional<Path> missing(Path root, String module) {
    Path target = root.resolve(module).resolve("target");
    for (String list : List.of(ClassData.LIBRARIES, MODULES)) {
      Path file = target.resolve(list);
      try {
        for (String part : Files.readString(file).strip().split(File.pathSeparator)) {
          if (!part.isEmpty() && !Files.isReadable(Path.of(part))) {
            return Optional.of(Path.of(part));
          }
        }
      } catch (IOException e) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }

  /** The libraries come first: class data goes by how the class path begins. */
  private static String classPath(Path root, String module) {
    Path target = root.resolve(module).resolve("target");
    try {
      List<String> parts = new ArrayList<>();
      parts.add(Files.readString(target.resolve(ClassData.LIBRARIES)).strip());
      parts.add(target.resolve("classes").toString());
      parts.add(Files.readString(target.resolve(MODULES)).strip());
      parts.removeIf(String::isEmpty);
      return String.join(File.pathSeparator, parts);
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.STACK_START_FAILED,
          e,
          "Cannot read the class path of module '%s': %s; build it (mvn package -DskipTests)",
          module,
          e);
    }
  }
}
