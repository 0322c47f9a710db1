package dev.recount.infra.stack;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of a process of a module: its JVM flags, its class path, as bin/recount has it.
 */
public final class JavaCommand {
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
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Duser.timezone=UTC");
    command.add("-Drecount.root=" + root);
    Path options = root.resolve(module).resolve("jvm.options");
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    String more = System.getenv().getOrDefault("RECOUNT_JAVA_OPTIONS", "").strip();
    if (!more.isEmpty()) {
      command.addAll(List.of(more.split("\\s+")));
    }
    command.add("-cp");
    command.add(
        classPath(root, module)
            + (moreClassPath.isEmpty() ? "" : File.pathSeparator + moreClassPath));
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  static Path classPathFile(Path root, String module) {
    return root.resolve(module).resolve("target/recount.classpath");
  }

  private static String classPath(Path root, String module) {
    try {
      return root.resolve(module).resolve("target/classes")
          + File.pathSeparator
          + Files.readString(classPathFile(root, module)).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
