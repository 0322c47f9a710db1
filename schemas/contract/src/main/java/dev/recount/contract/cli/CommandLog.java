package dev.recount.contract.cli;

import dev.recount.contract.config.Home;
import dev.recount.contract.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import picocli.CommandLine;

/**
 * The log of a command that a person typed. It goes to a file: the terminal is for what the command
 * says, and for the one line of an error. The file is in the home, or in the temporary folder where
 * there is no home that can be written.
 */
final class CommandLog {
  private static final String FILE = "recount.log.file";
  private static final String NAME = "commands.log";
  private static final long MOST_BYTES = 10 * 1024 * 1024;

  private CommandLog() {}

  /** Must come before the first logger is made. */
  static void toFile(String[] arguments) {
    Path file = file(arguments);
    keepSmall(file);
    System.setProperty(FILE, file.toString());
    System.setProperty("log4j2.configurationFile", "dev/recount/contract/cli/command-log.xml");
    System.setProperty("log4j2.statusLoggerLevel", "OFF");
  }

  /** What to look into, in words. */
  static String where() {
    String file = System.getProperty(FILE);
    return file == null ? "the log" : "the log '" + file + "'";
  }

  private static Path file(String[] arguments) {
    try {
      HomeOptions options = new HomeOptions();
      new CommandLine(options).setUnmatchedArgumentsAllowed(true).parseArgs(arguments);
      Path logs = new Home(options.home()).logs();
      if (Files.isDirectory(logs) && Files.isWritable(logs) && hasRoom(logs)) {
        return logs.resolve(NAME);
      }
    } catch (CommandLine.ParameterException | RecountException | IOException e) {
      // The command itself says what is wrong with its options.
      return temporary();
    }
    return temporary();
  }

  private static boolean hasRoom(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace() > MOST_BYTES;
  }

  private static Path temporary() {
    String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_");
    return Path.of(System.getProperty("java.io.tmpdir"), "recount-" + user + "-" + NAME);
  }

  private static void keepSmall(Path file) {
    try {
      if (Files.exists(file) && Files.size(file) > MOST_BYTES) {
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".previous"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      // Another command has just moved it.
      return;
    }
  }
}
